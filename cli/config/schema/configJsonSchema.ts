import { z } from 'zod'
import { isMap } from '../../../lib/isMap'
import { configSchema } from '../config'

type Json = Readonly<Record<string, unknown>>

/**
 * The JSON Schema of `presage.yaml` as people write it: where a number, `true` or `false`, or a text of a certain form
 * is asked for, a variable of the environment may stand (`lib/files/parseExpanded`).
 */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(configSchema, { io: 'input' })
  return { ...withVariables(schema), $defs: { variable, textWithVariables } }
}

const variable = {
  description: 'A variable of the environment.',
  type: 'string',
  pattern: '^\\$\\{env\\.[A-Za-z_]\\w*(:-[^}]*)?\\}$',
}

const textWithVariables = {
  description: 'A text with variables of the environment.',
  type: 'string',
  pattern: '\\$\\{env\\.[A-Za-z_]\\w*(:-[^}]*)?\\}',
}

function withVariables(schema: Json): Json {
  const about = Object.fromEntries(Object.entries(schema).filter(([key]) => annotations.includes(key)))
  const asked = Object.fromEntries(Object.entries(schema).filter(([key]) => !annotations.includes(key)))
  const forms = formsOf(asked)
  return { ...about, ...(forms.length === 1 ? forms[0] : { anyOf: forms }) }
}

const annotations = ['default', 'description']

/** The forms that a value may have, each once. */
function formsOf(schema: Json): readonly Json[] {
  if (Array.isArray(schema.anyOf)) {
    const forms = schema.anyOf.flatMap(formsOf)
    return [...new Map(forms.map((form) => [JSON.stringify(form), form])).values()]
  }
  switch (schema.type) {
    case 'integer':
    case 'number':
    case 'boolean':
      return [schema, { $ref: '#/$defs/variable' }]
    case 'string':
      return restricting.some((key) => key in schema)
        ? [schema, { $ref: '#/$defs/textWithVariables' }]
        : [schema]
    default:
      return [mapParts(schema)]
  }
}

const restricting = ['const', 'enum', 'format', 'pattern']

/** Keys are not replaced, so what restricts them (`propertyNames`) stays. */
function mapParts(schema: Json): Json {
  const { properties, items, additionalProperties } = schema
  return {
    ...schema,
    ...(isMap(properties) && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([key, part]) => [key, withVariables(part as Json)]),
      ),
    }),
    ...(isMap(items) && { items: withVariables(items as Json) }),
    ...(isMap(additionalProperties) && { additionalProperties: withVariables(additionalProperties as Json) }),
  }
}
