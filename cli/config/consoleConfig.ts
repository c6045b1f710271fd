import { flag } from '../../lib/files/shapes'

/** The section `console`: whether there is a page at /console. */
export const consoleShape = flag
  .default(true)
  .describe(
    'Whether there is a page at /console that shows what the process does, to those with the role viewer.',
  )
