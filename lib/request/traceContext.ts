/** The place of a request in a distributed trace, as W3C Trace Context has it. Passed on unchanged. */
export interface TraceContext {
  readonly traceparent: string
  readonly tracestate?: string
}

/** The trace that a client named; undefined without one, or with one that is not valid, which the standard ignores. */
export function readTrace({ traceparent, tracestate }: Headers): TraceContext | undefined {
  if (typeof traceparent !== 'string' || !valid.test(traceparent)) return undefined
  return typeof tracestate === 'string' && validState.test(tracestate)
    ? { traceparent, tracestate }
    : { traceparent }
}

/** Headers as node:http gives them. */
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>

/** Later versions of the standard may add parts. */
const valid =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-[\x21-\x7e]{1,256})?$/

/** Printable, since gRPC refuses other text, and as long as the standard has everybody pass on. */
const validState = /^[\x20-\x7e]{1,512}$/
