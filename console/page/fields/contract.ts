/** A named, typed value that a version or an objective takes. */
export interface Input {
  readonly name: string
  /** As GraphQL writes types, such as `[ID!]`. */
  readonly type: string
  readonly nullable: boolean
  readonly required: boolean
  readonly default: unknown
  readonly range: readonly number[] | null
  readonly length: number | null
  readonly maxLength: number | null
  readonly measure: string | null
  readonly description: string | null
}

export interface Output {
  readonly name: string
  readonly type: string
  readonly measure: string | null
  readonly description: string | null
}

export const inputFields = 'name type nullable required default range length maxLength measure description'

export const outputFields = 'name type measure description'
