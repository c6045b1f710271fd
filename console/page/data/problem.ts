/** Why something could not be shown: an error of the graph or of a path, with its code. */
export interface Problem {
  readonly code: string
  readonly message: string
  /** The role that it needs, if that is the reason. */
  readonly role?: string
  /** Whether what was answered before is still shown: the server did not answer, or something else did. */
  readonly keepsOld?: true
  /** Whether it may be over soon, so that asking again is worthwhile. */
  readonly passes?: boolean
}

const passing: readonly string[] = ['DEADLINE_EXCEEDED', 'STORE_UNREACHABLE', 'UPSTREAM_FAILED']

interface WireError {
  readonly message: string
  readonly extensions?: { readonly code?: string; readonly role?: string }
}

export function problemOf({ message, extensions }: WireError): Problem {
  const code = extensions?.code ?? 'UNKNOWN'
  return { message, code, role: extensions?.role, passes: passing.includes(code) }
}

export const unreachable: Problem = {
  code: 'UNREACHABLE',
  message: 'the server did not answer; it may have been stopped, or be restarting',
  keepsOld: true,
}

export function foreign(status: number): Problem {
  return {
    code: 'NOT_PRESAGE',
    message: `the answer must be that of a Presage server, got another one with status ${status}; it may be that of a proxy`,
    keepsOld: true,
  }
}
