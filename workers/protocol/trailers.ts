/** The trailer of a failed call, over HTTP the header, with the code of our error. Other servers do not send it. */
export const codeTrailer = 'presage-code'

/** The header over HTTP, and the trailer over gRPC, with the load of the server in the form of ORCA. */
export const loadHeader = 'endpoint-load-metrics'

/** The header of HTTP with the length of the JSON before binary data. */
export const jsonLengthHeader = 'inference-header-content-length'
