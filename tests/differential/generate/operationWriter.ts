import type { GraphQLObjectType, GraphQLSchema } from 'graphql'
import type { Dice } from './dice'
import type { Operation, Samples } from './generate'
import { JsonValues } from './jsonValues'
import { Literals } from './literals'
import { SelectionWriter } from './selectionWriter'
import { Variables } from './variables'

/** Writes one document. `shape` decides about all but the values, which are the business of `values`. */
export class OperationWriter {
  private readonly literals: Literals
  private readonly json: JsonValues

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly samples: Samples,
    private readonly shape: Dice,
    private readonly values: Dice,
  ) {
    this.literals = new Literals(shape, values, samples)
    this.json = new JsonValues(values, samples)
  }

  write(): Operation {
    const { shape } = this
    const size = shape.chance(0.06) ? 60 : shape.chance(0.3) ? 4 : shape.chance(0.5) ? 12 : 25
    if (!shape.chance(0.08)) {
      const name = shape.chance(0.4) ? shape.pick(['Q', 'query', 'on', '_x']) : undefined
      const { text, variables } = this.operation(name, size, '')
      // A name is not needed where there is one operation, and may be given.
      return {
        text,
        operationName: name !== undefined && shape.chance(0.6) ? name : undefined,
        variables: variables.sent(),
      }
    }
    const asked = this.operation('Asked', size, '')
    const other = this.operation('Other', 4, 'o')
    const texts = shape.chance(0.5) ? [asked.text, other.text] : [other.text, asked.text]
    return { text: texts.join('\n'), operationName: 'Asked', variables: asked.variables.sent() }
  }

  private operation(
    name: string | undefined,
    size: number,
    prefix: string,
  ): { text: string; variables: Variables } {
    const { shape, schema } = this
    const mutation = schema.getMutationType()
    const isMutation = mutation != null && shape.chance(0.15)
    const root = isMutation ? mutation : (schema.getQueryType() as GraphQLObjectType)
    const variables = new Variables(shape, this.values, this.literals, this.json, prefix)
    const writer = new SelectionWriter(
      schema,
      this.samples,
      shape,
      this.values,
      this.literals,
      variables,
      `${prefix}F`,
      size,
    )
    const body = writer.root(root)
    const isShort = !isMutation && name === undefined && variables.isEmpty && shape.chance(0.7)
    const head = isShort
      ? ''
      : `${isMutation ? 'mutation' : 'query'} ${name ?? ''}${variables.definitions()} `
    const parts = [`${head}${body}`, ...writer.fragmentTexts]
    return { text: (shape.chance(0.3) ? parts.reverse() : parts).join('\n'), variables }
  }
}
