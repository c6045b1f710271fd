import { type DocumentNode, type GraphQLSchema, parse, specifiedRules, validate } from 'graphql'
import type { Graph } from '../graphs/graph'
import { dice } from './dice'
import { OperationWriter } from './operationWriter'

/** An operation as a client sends it. */
export interface Operation {
  readonly text: string
  readonly operationName: string | undefined
  readonly variables: Readonly<Record<string, unknown>>
}

/** What graphql-js makes of its text, for all who need it. */
export interface ValidOperation extends Operation {
  readonly document: DocumentNode
}

/** An operation, and the same one again with other literals and other values of its variables. */
export interface GeneratedOperation {
  readonly first: ValidOperation
  /** Undefined in the rare case that other literals are not valid. */
  readonly other: ValidOperation | undefined
}

export type Samples = Pick<Graph, 'samples' | 'literals' | 'variableValues' | 'always' | 'often'>

/** A valid operation, the same for the same seed; undefined if none comes of it, which is rare. */
export function generate(
  schema: GraphQLSchema,
  samples: Samples,
  seed: number,
): GeneratedOperation | undefined {
  for (let attempt = 0; attempt < 6; attempt++) {
    const shapeSeed = seed * 8 + attempt
    const first = valid(schema, write(schema, samples, shapeSeed, 0))
    if (first !== undefined) return { first, other: valid(schema, write(schema, samples, shapeSeed, 1)) }
  }
  return undefined
}

/** The operation parsed, if it may be executed. */
export function valid(schema: GraphQLSchema, operation: Operation): ValidOperation | undefined {
  const document = parseOrNothing(operation.text)
  if (document === undefined || validate(schema, document, specifiedRules, { maxErrors: 1 }).length > 0)
    return undefined
  return { ...operation, document }
}

function write(schema: GraphQLSchema, samples: Samples, shapeSeed: number, round: number): Operation {
  return new OperationWriter(
    schema,
    samples,
    dice(shapeSeed),
    dice(shapeSeed * 2 + round + 0x5bd1e995),
  ).write()
}

function parseOrNothing(text: string): DocumentNode | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}
