/** Where to listen, for clients and for operators. Overrides the configuration. */
export interface Address {
  readonly host?: string
  readonly port?: number
  /** The environment variable that gave the port, if no option did. */
  readonly portVariable?: string
  readonly adminHost?: string
  readonly adminPort?: number
}
