/** The trailer of a failed call, over HTTP the header, with the code of our error. Other servers do not send it. */
export const codeTrailer = 'presage-code'

/** The header over HTTP, and the trailer over gRPC, with the load of the server in the form of ORCA. */
export const loadHeader = 'endpoint-load-metrics'

/**
 * In the load of a Presage worker: before the name of the version that kept it busiest, whose value is the part of the
 * worker that this version took, from 0 to 1; and how long its requests waited on average, in seconds.
 */
export const busiestMetric = 'named_metrics.busiest.'
export const busiestWaitMetric = 'named_metrics.busiest_wait_seconds'

/** The header of HTTP with the length of the JSON before binary data. */
export const jsonLengthHeader = 'inference-header-content-length'

/**
 * The message of an error as it travels. Messages hold shapes and names as clients sent them. gRPC sends a message in a
 * header: one of many kilobytes reaches nobody, and the other calls of its connection wait for ever. With half of a
 * surrogate pair, its own call would.
 */
export function boundedMessage(message: string): string {
  return message.length > mostCharacters ? `${message.slice(0, mostCharacters).toWellFormed()}...` : message
}

const mostCharacters = 1000
