import { z } from 'zod'
import { forwardingProblem } from '../../gateway/remote/forwardHeaders'
import { subgraphUrlProblem } from '../../gateway/remote/subgraphUrl'
import { show } from '../../lib/errors'
import { finishedIssue } from '../../lib/files/shapeProblems'
import { positiveMilliseconds, text, whole } from '../../lib/files/shapes'

/** Where a gateway reaches a subgraph. */
export const subgraphUrl = text.superRefine((value, context) => {
  const problem = subgraphUrlProblem(value)
  if (problem !== undefined) context.addIssue(finishedIssue([], problem))
})

const headerName = text.superRefine((value, context) => {
  const problem = forwardingProblem(value)
  if (problem !== undefined) context.addIssue(finishedIssue([], `${problem}, got ${show(value)}`))
})

const forwardHeaders = z.array(headerName, { error: 'must be a list of names of headers' })

const calls = {
  timeout: positiveMilliseconds.prefault('10s').describe('Time limit of one call, including retries.'),
  retries: whole(0)
    .default(2)
    .describe('How often a query is sent again when the connection is lost or a proxy is busy.'),
  connections: whole(1).default(64).describe('Maximum number of connections.'),
  answerBytes: whole(1).default(33_554_432).describe('Maximum size of an answer; longer ones fail.'),
  forwardHeaders: forwardHeaders.default([]).describe("Names of the client's headers that are passed on."),
}

/** The section `gateway`: how `presage gateway` calls subgraphs over HTTP. */
export const gatewayShape = z
  .strictObject({
    timeout: positiveMilliseconds
      .prefault('30s')
      .describe('The deadline of a request at `presage gateway`, unless its header sets a shorter one.'),
    poll: positiveMilliseconds
      .prefault('1s')
      .describe('How often to check the supergraph file if the system does not report changes.'),
    all: z.strictObject(calls).prefault({}).describe('Settings for every subgraph.'),
    subgraphs: z
      .record(
        text,
        z.strictObject({
          url: subgraphUrl.optional().describe('Replaces the URL in the supergraph.'),
          timeout: positiveMilliseconds.optional(),
          retries: whole(0).optional(),
          connections: whole(1).optional(),
          answerBytes: whole(1).optional(),
          forwardHeaders: forwardHeaders.optional(),
        }),
      )
      .default({})
      .describe('Settings for single subgraphs, by name.'),
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
