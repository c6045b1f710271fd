/** Functions that colour or style text; without colour support, each returns its text unchanged. */
export type Colours = Pick<
  ReturnType<typeof import('picocolors')['createColors']>,
  'bold' | 'cyan' | 'dim' | 'green' | 'red' | 'yellow'
>

/** A stream to write to; a terminal identifies itself. */
export interface Screen {
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
  write(text: string): unknown
}

/** Colours for text written to `screen`; plain text for a pipe or a file. */
export function coloursFor(screen: Pick<Screen, 'isTTY'>, env = process.env): Colours {
  // Loaded lazily, so that it takes no memory in a server that writes to a log.
  const { createColors }: typeof import('picocolors') = require('picocolors')
  return createColors(hasColour(screen, env))
}

/** `FORCE_COLOR` (not 0 or false) and then `NO_COLOR` decide; else any terminal that is not dumb has colours. */
function hasColour({ isTTY }: Pick<Screen, 'isTTY'>, env: NodeJS.ProcessEnv): boolean {
  const { FORCE_COLOR: forced, NO_COLOR: refused = '', TERM: terminal } = env
  if (forced !== undefined) return forced !== '0' && forced !== 'false'
  return refused === '' && isTTY === true && terminal !== 'dumb'
}
