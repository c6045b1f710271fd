import { type GraphQLOutputType, getNamedType, isLeafType } from 'graphql'

/** A field at its response key, as far as it matters for what may be merged with it. */
export interface PlacedField {
  /** The object type that it is selected on; undefined for an interface, whose fields may belong to any type. */
  readonly objectType: string | undefined
  /** The type that it is selected on. */
  readonly parent: string
  readonly name: string
  readonly args: WrittenArguments
  readonly shape: string
}

/** Arguments as written. Two that are meant to be the same are one object, whatever literals make of them. */
export interface WrittenArguments {
  readonly text: string
}

/** Which fields stand at which response path of an operation: those of one path are merged, and must agree. */
export class MergeScopes {
  private readonly fields = new Map<string, PlacedField[]>()
  private readonly keys = new Map<string, Set<string>>()
  private readonly recordings: {
    readonly below: string
    readonly entries: [path: string, field: PlacedField][]
  }[] = []

  at(path: string): readonly PlacedField[] {
    return this.fields.get(path) ?? []
  }

  /** The response keys of an object. */
  keysBelow(path: string): ReadonlySet<string> {
    return this.keys.get(path) ?? noKeys
  }

  admits(path: string, field: PlacedField): boolean {
    return this.at(path).every((other) => canMerge(other, field))
  }

  add(path: string, field: PlacedField): void {
    const known = this.fields.get(path)
    if (known === undefined) {
      this.fields.set(path, [field])
      const end = path.lastIndexOf('/')
      const keys = this.keys.get(path.slice(0, end)) ?? new Set()
      this.keys.set(path.slice(0, end), keys.add(path.slice(end + 1)))
    } else known.push(field)
    for (const { below, entries } of this.recordings) entries.push([path.slice(below.length), field])
  }

  /** What is added while `run` runs, by paths below this one: what a fragment brings wherever it is spread. */
  record<T>(
    below: string,
    run: () => T,
  ): { readonly result: T; readonly entries: readonly [string, PlacedField][] } {
    const recording = { below, entries: [] as [string, PlacedField][] }
    this.recordings.push(recording)
    const result = run()
    this.recordings.pop()
    return { result, entries: recording.entries }
  }
}

export function shapeOf(type: GraphQLOutputType): string {
  const named = getNamedType(type)
  return isLeafType(named) ? String(type) : String(type).replace(named.name, '{}')
}

function canMerge(one: PlacedField, other: PlacedField): boolean {
  if (one.shape !== other.shape) return false
  if (one.objectType !== undefined && other.objectType !== undefined && one.objectType !== other.objectType)
    return true
  return one.name === other.name && one.args === other.args
}

const noKeys: ReadonlySet<string> = new Set()
