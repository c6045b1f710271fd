/** Where a client comes from. */
export interface Origin {
  readonly localAddress?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Both clients, by how they reach the server: on connections of their own, or behind a trusted proxy that names them. */
export const origins: Readonly<Record<string, { readonly attacker: Origin; readonly neighbour: Origin }>> = {
  direct: { attacker: { localAddress: '127.0.0.2' }, neighbour: { localAddress: '127.0.0.3' } },
  proxy: {
    attacker: { headers: { 'x-forwarded-for': '10.0.0.1' } },
    neighbour: { headers: { 'x-forwarded-for': '10.0.0.2' } },
  },
}
