import { type DocumentNode, type GraphQLSchema, isInterfaceType } from 'graphql'
import { Trial } from '../trial'
import { readFederation } from './federationFacts'
import type { FieldCodes } from './fieldCode'
import type { GraphSource, Thing, Values } from './graph'

/** What a gateway may ask one subgraph for as `_Any`: each thing by each of its keys, with and without what is required; and what is none. */
export function representationsFor(
  document: DocumentNode,
  { things }: GraphSource,
  whole: GraphQLSchema,
  codes: FieldCodes,
): readonly Values[] {
  const { keys, requires } = readFederation(new Map([['', document]]))
  const trial = new Trial('representations', 0)
  const found: Values[] = []
  for (const [typeName, selections] of keys) {
    const needed = [...requires].filter(([coordinate]) => coordinate.startsWith(`${typeName}.`))
    for (const thing of things.filter((it) => isOf(it, typeName, whole))) {
      for (const key of selections.values()) {
        const byKey = { __typename: typeName, ...codes.evaluate(thing, key, trial) }
        found.push(
          byKey,
          Object.assign({ ...byKey }, ...needed.map(([, it]) => codes.evaluate(thing, it, trial))),
        )
      }
    }
    found.push({ __typename: typeName }, { __typename: typeName, id: 'none' })
  }
  return [...found, { __typename: 'NoSuchType', id: '1' }]
}

/** JSON as it is written in a document. */
export function literalOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(literalOf).join(', ')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, inside]) => `${name}: ${literalOf(inside)}`)
    .join(', ')}}`
}

function isOf({ __typename }: Thing, typeName: string, whole: GraphQLSchema): boolean {
  const type = whole.getType(typeName)
  return isInterfaceType(type)
    ? whole.getPossibleTypes(type).some(({ name }) => name === __typename)
    : __typename === typeName
}
