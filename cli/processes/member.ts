/** A process that serves together with others of the same `presage start --processes`. */
export interface Member {
  /** From 1. */
  readonly place: number
  /** How many processes there are. */
  readonly count: number
}

/** How the process that starts the others tells each its place: `2/4`. */
export const memberVariable = 'PRESAGE_PROCESS'

/** This process's place; undefined if it serves alone. */
export const member: Member | undefined = readPlace()

/** How many processes share this machine's cores and memory with this one. */
export const processCount = member?.count ?? 1

function readPlace(): Member | undefined {
  const told = /^(\d+)\/(\d+)$/.exec(process.env[memberVariable] ?? '')
  return told && process.send !== undefined ? { place: Number(told[1]), count: Number(told[2]) } : undefined
}
