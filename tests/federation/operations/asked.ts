import { buildSchema, type FragmentDefinitionNode, type GraphQLSchema, Kind, parse, validate } from 'graphql'
import { conditionVariables, readConditions } from '../../../federation/operations/conditions'
import type { OperationToNormalize } from '../../../federation/operations/normalize'
import type { NormalOperation, Place } from '../../../federation/operations/normalOperation'
import { readShape } from '../../../gateway/operations/documentShape'

/** The operation that stands first in a valid document, as the gateway has it before it is normalised. */
export function asked(
  sdl: string | GraphQLSchema,
  text: string,
  variables: Readonly<Record<string, unknown>> = {},
): OperationToNormalize {
  const schema = typeof sdl === 'string' ? buildSchema(sdl) : sdl
  const document = parse(text)
  const [error] = validate(schema, document)
  if (error !== undefined) throw error
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  }
  const [operation] = document.definitions
  if (operation.kind !== Kind.OPERATION_DEFINITION) throw new Error('the operation stands first')
  const conditions = readConditions(conditionVariables(operation, fragments), variables)
  const { numbers } = readShape(document)
  return { schema, operation, fragments, conditions, numbers, maxListLength: 3 }
}

/** What the client sees at a place: its response keys, each with the key of what was fetched; types apart where they differ. */
export function shown({ shapes }: Place): string {
  const byType = [...shapes].map(([type, { shown: fields, failure }]) => {
    if (failure !== undefined) return [type, `!${failure.message}`]
    const texts = fields.map(({ responseKey, key = '__typename', ...field }) => {
      const below = 'place' in field && field.place !== undefined ? shown(field.place) : ''
      return `${responseKey}:${key}${below}`
    })
    return [type, texts.join(' ')]
  })
  const [[, first]] = byType
  if (byType.every(([, text]) => text === first)) return `{${first}}`
  return `{${byType.map(([type, text]) => `${type}{${text}}`).join(' ')}}`
}

/** Where the values of an operation's variables come from. */
export function sources({ variables }: NormalOperation): string[] {
  return variables.map(({ name, source }) => {
    if (source.kind === 'variable') return `${name} is $${source.name}`
    return source.kind === 'literal' ? `${name} is literal ${source.number}` : `${name} stays`
  })
}
