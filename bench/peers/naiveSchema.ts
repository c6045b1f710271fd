/** A page of a list, as every resolver of the naive schemas takes it. */
export interface Page {
  readonly first: number
  readonly skip?: number
}

/** One schema, and what each request's resolvers share. */
export interface NaiveSchema {
  readonly typeDefs: string
  readonly resolvers: Record<string, Record<string, unknown>>
  createContext(): object
}

/** Opens a schema, with the model version that answers each objective. */
export type OpenSchema = (models: Readonly<Record<string, string>>) => Promise<NaiveSchema>
