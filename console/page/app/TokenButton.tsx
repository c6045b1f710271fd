import { useRef, useState } from 'preact/hooks'
import { setToken, token } from '../data/token'
import { Dialog } from '../parts/Dialog'

/** Shows whether requests carry a token, and lets one be set or removed. */
export function TokenButton() {
  const [isOpen, setOpen] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const close = () => setOpen(false)
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        {token.value === '' ? 'Set token' : 'Token is set'}
      </button>
      {isOpen && (
        <Dialog title="Bearer token" onClose={close}>
          <form
            onSubmit={(event) => {
              event.preventDefault()
              setToken(input.current!.value)
              close()
            }}
          >
            <p>
              Sent with each request to this server, which decides by its roles what you may see and change.
              Kept in this tab until it is closed.
            </p>
            <label>
              Token
              <input
                ref={input}
                type="password"
                autocomplete="off"
                defaultValue={token.value}
                pattern="[ -~]*"
                title="A token has letters, digits and signs of ASCII only"
              />
            </label>
            <div class="actions">
              <button type="submit" class="main">
                Use this token
              </button>
              {token.value !== '' && (
                <button
                  type="button"
                  onClick={() => {
                    setToken('')
                    close()
                  }}
                >
                  Remove it
                </button>
              )}
              <button type="button" onClick={close}>
                Cancel
              </button>
            </div>
          </form>
        </Dialog>
      )}
    </>
  )
}
