import { z } from 'zod'
import { milliseconds, text, whole } from '../../lib/files/shapes'

/** The settings of calls to subgraphs, with their defaults. */
const calls = {
  timeout: milliseconds.prefault('10s').describe('The longest that one call may take, retries included.'),
  retries: whole(0)
    .default(2)
    .describe('How often a query is sent again when the connection is lost or a proxy is busy.'),
  connections: whole(1).default(64).describe('How many connections are kept at most.'),
  answerBytes: whole(1).default(33_554_432).describe('A longer answer is given up.'),
  forwardHeaders: z
    .array(text, { error: 'must be a list of names of headers' })
    .default([])
    .describe("Names of the client's headers that are passed on."),
}

/** The section `gateway`: how `presage gateway` calls subgraphs over HTTP. */
export const gatewayShape = z
  .strictObject({
    timeout: milliseconds
      .prefault('30s')
      .describe("A request's deadline at `presage gateway`, unless its header asks for less."),
    poll: milliseconds
      .prefault('1s')
      .describe('How often the supergraph file is looked at where the system does not tell of changes.'),
    all: z.strictObject(calls).prefault({}).describe('What counts for every subgraph.'),
    subgraphs: z
      .record(
        text,
        z.strictObject({
          url: text.optional().describe('Instead of the one in the supergraph.'),
          timeout: milliseconds.optional(),
          retries: whole(0).optional(),
          connections: whole(1).optional(),
          answerBytes: whole(1).optional(),
          forwardHeaders: z.array(text, { error: 'must be a list of names of headers' }).optional(),
        }),
      )
      .default({})
      .describe('What counts for one subgraph, by its name.'),
  })
  .prefault({})

export type GatewayConfig = z.infer<typeof gatewayShape>

/** The effective settings of a subgraph: its own override the common ones. */
export function callSettings(
  { all, subgraphs }: GatewayConfig,
  subgraph: string,
): GatewayConfig['all'] & { readonly url?: string } {
  return { ...all, ...(Object.hasOwn(subgraphs, subgraph) ? subgraphs[subgraph] : {}) }
}
