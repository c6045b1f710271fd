import { spawn } from 'node:child_process'

export interface Keys {
  /** URL of the page that the key `o` opens. */
  readonly url: () => string
  /** The action of the key `r`. */
  readonly reload: () => void
}

/** Listens for single keys if standard input is a terminal: `o`, `r`, and `q` or Ctrl-C. Returns whether it does. */
export function listenToKeys({ url, reload }: Keys): boolean {
  const { stdin } = process
  if (!stdin.isTTY) return false
  stdin.setRawMode(true)
  process.once('exit', () => stdin.setRawMode(false))
  stdin.setEncoding('utf8').on('data', (keys: string) => {
    for (const key of keys) {
      if (key === 'o') openBrowser(url())
      else if (key === 'r') reload()
      // A terminal in raw mode sends no signals.
      else if (key === 'q' || key === '\u0003') process.kill(process.pid, 'SIGINT')
    }
  })
  stdin.unref()
  return true
}

function openBrowser(url: string): void {
  const [command, ...args] = opener(url)
  const child = spawn(command, args, { stdio: 'ignore', detached: true })
  child.once('error', () => console.error(`no browser could be opened; the page is ${url}`))
  child.unref()
}

function opener(url: string): readonly [string, ...string[]] {
  if (process.platform === 'darwin') return ['open', url]
  if (process.platform === 'win32') return ['cmd', '/c', 'start', '', url]
  return ['xdg-open', url]
}
