/** What text can be made to look like; each function gives its text back unchanged where there is no colour. */
export type Colours = Pick<
  ReturnType<typeof import('picocolors')['createColors']>,
  'bold' | 'cyan' | 'dim' | 'green' | 'red' | 'yellow'
>

/** What is written to: a terminal says that it is one. */
export interface Screen {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Colours for what is written to `screen`; plain text for a pipe or a file. */
export function coloursFor(screen: Pick<Screen, 'isTTY'>, env = process.env): Colours {
  // Not worth its place in the memory of a server that writes to a log.
  const { createColors }: typeof import('picocolors') = require('picocolors')
  return createColors(hasColour(screen, env))
}

/** `FORCE_COLOR` (but 0 or false) says yes, `NO_COLOR` no, whatever stands in them; else a terminal that is not dumb has colours. */
function hasColour({ isTTY }: Pick<Screen, 'isTTY'>, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused = '', TERM: terminal } = env
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return refused === '' && isTTY === true && terminal !== 'dumb'
}
