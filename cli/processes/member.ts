/** A process that serves together with others of the same `presage start --processes`. */
export interface Member {
  /** From 1. */
  readonly place: number
  readonly count: number
  /** Whether no other one serves yet. */
  readonly isFirst: boolean
}

/** How the process that starts the others tells each its place: `2/4`, or `1/4 first`. */
export const memberVariable = 'PRESAGE_PROCESS'

export function memberText({ place, count, isFirst }: Member): string {
  return `${place}/${count}${isFirst ? ' first' : ''}`
}

/** This process's place; undefined if it serves alone. */
export const member: Member | undefined = readPlace()

/** How many processes share this machine's cores and memory with this one. */
export const processCount = member?.count ?? 1

function readPlace(): Member | undefined {
  const told = /^(\d+)\/(\d+)( first)?$/.exec(process.env[memberVariable] ?? '')
  if (told === null || process.send === undefined) return undefined
  return { place: Number(told[1]), count: Number(told[2]), isFirst: told[3] !== undefined }
}
