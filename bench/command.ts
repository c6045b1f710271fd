import { parseArgs } from 'node:util'

type Default = number | string | boolean | readonly string[]
type Read<D> = D extends number ? number : D extends string ? string : D extends boolean ? boolean : string[]

/**
 * The options of the command line. `defaults` names all that there are, and what each is if it is not given; a list has an
 * item for each time that its option is given.
 */
export function readOptions<Defaults extends Readonly<Record<string, Default>>>(
  defaults: Defaults,
): { readonly [Name in keyof Defaults]: Read<Defaults[Name]> } {
  const all = Object.entries(defaults)
  const options = all.map(([name, value]) => {
    if (typeof value === 'boolean') return [name, { type: 'boolean', default: value }]
    const isList = typeof value === 'object'
    return [name, { type: 'string', multiple: isList, default: isList ? value : String(value) }]
  })
  const values: Readonly<Record<string, unknown>> = parseArgs({ options: Object.fromEntries(options) }).values
  const read = all.map(([name, value]) => {
    return [name, typeof value === 'number' ? readPositive(`--${name}`, String(values[name])) : values[name]]
  })
  return Object.fromEntries(read)
}

/** The number that an option of a command line must have. */
export function readPositive(option: string, text: string): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new Error(`${option}: must be a number above 0, got ${text}`)
}

/** Runs a command. What it throws is told in a line, and the process exits with 1. */
export function runCommand(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  })
}
