import { useState } from 'preact/hooks'
import { EntryDrawn } from './EntryDrawn'
import { readPasted } from './pasted'

/** Draws the explanation that came with an answer, by the rules that decided then. */
export function PastedSection() {
  const [text, setText] = useState('')
  const read = text.trim() === '' ? [] : readPasted(text)
  return (
    <section class="stack" aria-labelledby="pasted-heading">
      <h2 id="pasted-heading">An explanation of a live request</h2>
      <p class="note">
        A request with the header <code>x-presage-explain: 1</code> gets one in{' '}
        <code>extensions.presage</code> of its answer.
      </p>
      <label>
        Answer, or its extensions, as JSON
        <textarea
          rows={5}
          value={text}
          spellcheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <div class="stack" role="status">
        {typeof read === 'string' ? (
          <p class="problems">{read}</p>
        ) : (
          read.map((entry, at) => <EntryDrawn key={at} entry={entry} />)
        )}
      </div>
    </section>
  )
}
