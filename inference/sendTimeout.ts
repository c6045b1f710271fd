/** How long a client may take to send a request. */
export const sendTimeoutMs = 30_000
