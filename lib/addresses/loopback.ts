/**
 * Whether an address to listen on, or the host of a URL, can be reached only from this machine. Names that begin with
 * `127.` are anybody's.
 */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || /^(::1|\[::1\]|127(\.\d+){1,3})$/.test(host)
}
