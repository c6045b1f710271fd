/** The trailer of a failed call, over HTTP the header, with the code of our error. Other servers do not send it. */
export const codeTrailer = 'presage-code'

/** The header of HTTP with the length of the JSON before binary data. */
export const jsonLengthHeader = 'inference-header-content-length'
