import { z } from 'zod'
import type { ContextSource } from '../../gateway/identity/contextSource'
import { finishedIssue } from '../../lib/files/shapeProblems'
import { strictShape, text } from '../../lib/files/shapes'

const name = z.string().regex(/^[A-Za-z_][A-Za-z0-9_-]*$/, 'must be a name of letters, digits, _ and -')

/** These keys decide what a client may see and do, so clients may not set them themselves. */
const onlyFromToken = ['role', 'roles', 'tenant']

const keyShape = strictShape({
  from: z
    .enum(['token', 'edge', 'client'])
    .optional()
    .describe(
      'token: a claim of a verified token; edge (the default): a header that only trusted proxies may set; client: a header that anybody may set.',
    ),
  header: z
    .string()
    .regex(/^[a-z0-9-]+$/, 'must be a header name in lower case')
    .optional(),
  claim: text.optional().describe('A name, or a path with dots; default: the name of the key.'),
  type: z.enum(['string', 'number', 'boolean']).default('string'),
})

/** The section `context`: what is known about a request, and where each key comes from. */
export const contextShape = z.record(name, keyShape).superRefine((keys, context) => {
  for (const [key, { from = 'edge', header, claim }] of Object.entries(keys)) {
    const refuse = (path: string, problem: string) => context.addIssue(finishedIssue([key, path], problem))
    if (onlyFromToken.includes(key) && from !== 'token') refuse('from', `must be token, got ${from}`)
    if (from === 'token') {
      if (header !== undefined) refuse('header', 'must not be combined with from: token, which reads a claim')
    } else {
      if (header === undefined) refuse('header', 'must name the header that it comes from, got nothing')
      if (claim !== undefined) refuse('claim', `must be used with from: token only, got from: ${from}`)
    }
  }
})

/** A context key's type and source, after parsing. */
export type ContextKey = Required<ContextSource>

/** The checked keys, with defaults filled in. */
export function contextKeys(parsed: z.infer<typeof contextShape>): Record<string, ContextKey> {
  return Object.fromEntries(
    Object.entries(parsed).map(([key, { from = 'edge', header = '', claim = key, type }]) => [
      key,
      from === 'token' ? { from, claim, type } : { from, header, type },
    ]),
  )
}
