import { type FieldNode, Kind, print, type SelectionSetNode } from 'graphql'
import type { FetchedField, Place } from '../operations/normalOperation'

/** A field to fetch, for the client or because other fields need it. */
export interface Want {
  /** Its response key; undefined where the planner may choose. */
  readonly key: string | undefined
  readonly name: string
  /** As text, with parentheses; empty where there are none. */
  readonly args: string
  /** Variables that the arguments use. */
  readonly variables: readonly string[]
  /** Undefined for a leaf. */
  readonly below: WantedPlace | undefined
}

/** What is to be fetched where objects of some type stand. */
export interface WantedPlace {
  readonly needsTypename: boolean
  readonly fields: readonly WantedField[]
}

export interface WantedField {
  readonly want: Want
  /** Names of the object types of which it is wanted; undefined: all that may stand there. */
  readonly types: readonly string[] | undefined
}

/** What a place of an operation wants; made once for each. */
export class OperationWants {
  private readonly known = new Map<Place, WantedPlace>()

  of(place: Place): WantedPlace {
    let wanted = this.known.get(place)
    if (wanted === undefined) {
      wanted = this.read(place)
      this.known.set(place, wanted)
    }
    return wanted
  }

  private read({ shapes, needsTypename }: Place): WantedPlace {
    const byKey = new Map<string, { field: FetchedField; types: string[] }>()
    for (const [type, { fetched }] of shapes) {
      for (const field of fetched) {
        const known = byKey.get(field.key)
        if (known === undefined) byKey.set(field.key, { field, types: [type] })
        else known.types.push(type)
      }
    }
    return {
      needsTypename,
      fields: [...byKey.values()].map(({ field, types }) => ({ types, want: this.want(field) })),
    }
  }

  private want({ key, name, args, place }: FetchedField): Want {
    return {
      key,
      name,
      args: args.length === 0 ? '' : `(${args.map((one) => `${one.name}:$${one.variable.name}`).join(',')})`,
      variables: args.map(({ variable }) => variable.name),
      below: place && this.of(place),
    }
  }
}

/** Keys and requirements stand in the supergraph, and are asked for again with each operation. */
const knownSelections = new WeakMap<SelectionSetNode, WantedPlace>()

/** What a key or a `@requires` wants. `typesOf` tells the object types that a type condition lets through. */
export function selectionWants(
  selectionSet: SelectionSetNode,
  typesOf: (condition: string) => readonly string[],
): WantedPlace {
  let wanted = knownSelections.get(selectionSet)
  if (wanted === undefined) {
    wanted = readWants(selectionSet, typesOf, undefined)
    knownSelections.set(selectionSet, wanted)
  }
  return wanted
}

function readWants(
  { selections }: SelectionSetNode,
  typesOf: (condition: string) => readonly string[],
  types: readonly string[] | undefined,
): WantedPlace {
  let needsTypename = false
  const fields = selections.flatMap((selection): readonly WantedField[] => {
    if (selection.kind === Kind.FIELD) {
      if (selection.name.value !== '__typename') return [{ want: wantOf(selection, typesOf), types }]
      needsTypename = true
      return []
    }
    if (selection.kind !== Kind.INLINE_FRAGMENT) return []
    needsTypename = true
    const condition = selection.typeCondition?.name.value
    const passed = condition === undefined ? types : typesOf(condition)
    return readWants(selection.selectionSet, typesOf, passed).fields
  })
  return { needsTypename, fields }
}

function wantOf(node: FieldNode, typesOf: (condition: string) => readonly string[]): Want {
  return {
    key: undefined,
    name: node.name.value,
    args: argumentsText(node),
    variables: [],
    below: node.selectionSet && selectionWants(node.selectionSet, typesOf),
  }
}

/** The arguments of a field as `Want` has them. */
export function argumentsText({ arguments: args = [] }: FieldNode): string {
  return args.length === 0 ? '' : `(${args.map(print).join(',')})`
}
