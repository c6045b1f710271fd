/** Where to listen, for clients and for operators. Overrides the configuration. */
export interface Address {
  readonly host?: string
  readonly port?: number
  readonly adminHost?: string
  readonly adminPort?: number
}
