/** Where to listen, for clients and for operators, if not where the configuration says. */
export interface Address {
  readonly host?: string
  readonly port?: number
  readonly adminHost?: string
  readonly adminPort?: number
}
