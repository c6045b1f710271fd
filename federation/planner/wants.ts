import { type FieldNode, Kind, print, type SelectionSetNode } from 'graphql'
import { getOrMake } from '../../lib/groups'
import { memoized } from '../../lib/memoized'
import type { FetchedField, Place } from '../operations/normalOperation'

/** A field to fetch, for the client or because other fields need it. */
export interface Want {
  /** Its response key; undefined if the planner may choose. */
  readonly key: string | undefined
  readonly name: string
  /** As text, with parentheses; empty if there are none. */
  readonly args: string
  /** Variables that the arguments use. */
  readonly variables: readonly string[]
  /** Undefined for a leaf. */
  readonly below: WantedPlace | undefined
}

/** What to fetch where objects of some type occur. */
export interface WantedPlace {
  readonly needsTypename: boolean
  readonly fields: readonly WantedField[]
}

export interface WantedField {
  readonly want: Want
  /** Names of the object types on which it is wanted; undefined for all types of the place. */
  readonly types: readonly string[] | undefined
}

/** The wants of an operation's places, made once for each. */
export class OperationWants {
  readonly of = memoized((place: Place): WantedPlace => this.read(place))

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

/** Cached, because keys and requirements belong to the supergraph and recur in many operations. */
const knownSelections = new WeakMap<SelectionSetNode, WantedPlace>()

/** The wants of a key or a `@requires`. `typesOf` returns the object types that match a type condition. */
export function selectionWants(
  selectionSet: SelectionSetNode,
  typesOf: (condition: string) => readonly string[],
): WantedPlace {
  return getOrMake(knownSelections, selectionSet, () => readWants(selectionSet, typesOf, undefined))
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

/** A field's arguments in the form of `Want`. */
export function argumentsText({ arguments: args = [] }: FieldNode): string {
  return args.length === 0 ? '' : `(${args.map(print).join(',')})`
}
