/** The trailer of a failed call with the code of our error. Other servers do not send it. */
export const codeTrailer = 'presage-code'
