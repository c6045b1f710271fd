/** How long a client may take to send a request, and to read an answer. */
export const sendTimeoutMs = 30_000
