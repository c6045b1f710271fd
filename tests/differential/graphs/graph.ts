import type { GraphQLScalarTypeConfig, GraphQLSchema } from 'graphql'
import type { Trial } from '../trial'

/** An object of a graph as resolvers hand it about: its data, and who it is. Entities and plain values alike. */
export interface Thing {
  readonly __typename: string
  /** Unlike that of any other thing of the graph; faults go by it. */
  readonly key: string
  /** What the gateway sent along, in a subgraph that was asked for it as an entity. */
  readonly given?: Values
  readonly [field: string]: unknown
}

export type Values = Readonly<Record<string, unknown>>

/**
 * One field's value; the same function answers in the whole graph and in each subgraph that has the field. `given` holds what the
 * field's `@requires` names: what the gateway brought, or, in the whole graph, what is right.
 */
export type Resolve = (thing: Thing, args: Values, trial: Trial, given: Values) => unknown

export type ScalarCode = Pick<
  GraphQLScalarTypeConfig<unknown, unknown>,
  'serialize' | 'parseValue' | 'parseLiteral'
>

/** A graph as it is written down, twice: in subgraphs and as one schema. */
export interface GraphSource {
  readonly name: string
  /** The whole graph as one schema, without anything of federation. */
  readonly whole: string
  /** Each subgraph's SDL, without its links. */
  readonly subgraphs: Readonly<Record<string, string>>
  /** All entities. */
  readonly things: readonly Thing[]
  /** By type (an interface's hold for its types), then by field. A field without one is read from the thing. */
  readonly fields: Readonly<Record<string, Readonly<Record<string, Resolve>>>>
  readonly scalars: Readonly<Record<string, ScalarCode>>
  /** Values worth asking for, by `field.argument`, by the name of an argument or an input field, or by scalar. */
  readonly samples: Readonly<Record<string, readonly unknown[]>>
  /** Literals of the custom scalars, as written. */
  readonly literals: Readonly<Record<string, readonly string[]>>
  /** Values of variables of the custom scalars. */
  readonly variableValues: Readonly<Record<string, readonly unknown[]>>
}

/** A graph that can be asked. */
export interface Graph extends Pick<GraphSource, 'name' | 'samples' | 'literals' | 'variableValues'> {
  /** Arguments, as `field.argument`, that are always given and never null, such as those that keep lists short. */
  readonly always?: ReadonlySet<string>
  /** Fields, as `Type.field`, that are asked several times as often as their neighbours. */
  readonly often?: ReadonlySet<string>
  readonly whole: GraphQLSchema
  readonly subgraphs: ReadonlyMap<string, GraphQLSchema>
  readonly supergraphSdl: string
  /** With the address of each subgraph. */
  supergraphAt(urlOf: (subgraph: string) => string): string
  /** What to ask one subgraph for. */
  samplesOf(subgraph: string): Pick<GraphSource, 'samples' | 'literals' | 'variableValues'>
  /** Ends what runs behind it. */
  close(): Promise<void>
}
