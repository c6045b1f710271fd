import { name, strictShape } from '../../lib/files/shapes'
import { printType } from '../types/parseType'
import type { ValueType } from '../types/valueType'
import { outputStep, type TypeContext } from './step'

export const entityShape = {
  entity: name.describe('The type in the graph'),
  of: name.describe('An output above that is an id, or a list of ids'),
}

/**
 * `{ entity: Title, of: titleId }`: a stub `{ __typename, id }` that the owning subgraph completes, or a list of stubs.
 */
export const entity = outputStep({
  name: 'entity',
  options: strictShape(entityShape).describe('A stub of an entity, for the owning subgraph to fill'),
  reads: (options) => ({ outputs: [{ option: 'of', name: options.of }] }),
  type: (options, context) => entityType(options.entity, options.of, context),
  compile: ({ entity: typeName, of }) => ({
    build: (batch) =>
      batch
        .output(of)
        .map((value) =>
          Array.isArray(value)
            ? value.map((id) => stub(typeName, id))
            : value === null
              ? null
              : stub(typeName, value),
        ),
  }),
})

/** An entity, or a list of them, depending on the output that holds the ids. */
export function entityType(typeName: string, of: string, context: TypeContext): ValueType | undefined {
  const type = context.output(of)
  if (type === undefined) return undefined
  const id = type.kind === 'list' ? type.of : type
  if (id.kind !== 'ID') context.fail(`must read ids, got ${of}, which is ${printType(type)}`)
  return type.kind === 'list'
    ? { kind: 'list', of: { kind: 'entity', of: typeName } }
    : { kind: 'entity', of: typeName }
}

/** Ids in the graph are text, whatever the vocabulary contains. */
export function stub(typeName: string, id: unknown): { readonly __typename: string; readonly id: string } {
  return { __typename: typeName, id: String(id) }
}
