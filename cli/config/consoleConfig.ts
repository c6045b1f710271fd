import { z } from 'zod'
import { finishedIssue } from '../../lib/files/shapeProblems'
import { flag, name, positiveMilliseconds, strictShape, text } from '../../lib/files/shapes'

/** The message does not show the value, which may have a password. */
const httpUrl = text.superRefine((value, context) => {
  if (isPlainHttp(value)) return
  context.addIssue(finishedIssue([], 'must be a URL with http or https, without a user or password'))
})

const prometheus = strictShape({
  prometheus: httpUrl.describe(
    'Its address; the console then shows the sums of all processes that it reads.',
  ),
  scrape: positiveMilliseconds.prefault('15s').describe('How often it reads the processes.'),
  labels: z
    .record(name, text)
    .default({})
    .describe('Labels that all series of this deployment have there, such as job: shop.'),
})

/** The section `console`: whether there is a page at /console, and where its metrics come from. */
export const consoleShape = z
  .union([flag, prometheus], {
    error: 'must be true, false or { prometheus: its URL, scrape: 15s, labels: { ... } }',
  })
  .default(true)
  .describe(
    'Whether there is a page at /console, for the role viewer, that shows what happens: in the processes that one command started, or in all that a Prometheus reads.',
  )

function isPlainHttp(value: string): boolean {
  if (!URL.canParse(value)) return false
  const { protocol, username, password } = new URL(value)
  return ['http:', 'https:'].includes(protocol) && username === '' && password === ''
}
