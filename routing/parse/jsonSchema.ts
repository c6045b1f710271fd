import type { JsonSchema } from '../../models/manifest/jsonSchema'
import { versionForm } from '../checks/version'
import { type OperandKind, operators } from '../predicates/operators'
import { limitHolders } from '../ruleSet/ruleSet'

/**
 * The JSON Schema of rule files, for editors. What it cannot express (that names exist, cells add up, names are unique)
 * is checked by `presage rules validate`.
 */
export function ruleSetJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Rule set',
    ...map(
      {
        message: { ...text, description: 'What this version of the rules is for' },
        objectives: {
          ...record(ref('objective')),
          description: 'By objective, which models answer it',
        },
        experiments: { ...record(ref('experiment')), description: 'Experiments that rules may use, by name' },
        placement: {
          ...record({ anyOf: [name, { ...list(name), minItems: 1 }] }),
          description:
            'By name@version, name or *: a shard, or a list whose first shard is used unless a field names another',
        },
      },
      ['objectives'],
    ),
    $defs: {
      version,
      use: { anyOf: [ref('version'), map({ experiment: name }, ['experiment'])] },
      unit: {
        ...text,
        pattern: '^(context|input)\\.[^.]+$',
        description: "context.KEY or input.NAME: the id to draw by; default: the objective's unit",
      },
      percent: {
        type: 'number',
        minimum: 0,
        maximum: 100,
        description: '0 to 100 with up to four decimals',
      },
      scalar: { type: ['string', 'number', 'boolean'] },
      operators: { ...map(operandSchemas()), description: 'All of them must hold' },
      condition: {
        type: 'object',
        description: 'All entries must hold; a key is a context key, input.NAME, all, any or not',
        properties: {
          all: list(ref('condition')),
          any: list(ref('condition')),
          not: ref('condition'),
        },
        propertyNames: { pattern: '^((context|input)\\.)?[^.]+$' },
        additionalProperties: { anyOf: [ref('scalar'), ref('operators')] },
      },
      rule: {
        ...map({ name, when: ref('condition'), use: ref('use') }, ['name', 'use']),
        description: 'The first rule whose `when` holds applies; a rule without `when` always does',
      },
      canary: {
        ...map({ of: ref('version'), to: ref('version'), ...draw }, ['of', 'to', 'percent', 'salt']),
        description: 'Moves a percentage of units from one version to another',
      },
      shadow: {
        ...map({ model: ref('version'), ...draw }, ['model', 'percent', 'salt']),
        description: 'Also predicts for a percentage of units; its answers are only recorded',
      },
      limits: map({
        perSecond: { type: 'number', exclusiveMinimum: 0 },
        concurrency: { type: 'integer', minimum: 1 },
        per: {
          enum: [...limitHolders],
          description: 'Whose requests perSecond and concurrency limit; default: those of all together',
        },
        deadline: { ...text, pattern: '^\\d+(\\.\\d+)?(ms|s|m)$' },
      }),
      objective: map(
        {
          rules: list(ref('rule')),
          default: { ...ref('use'), description: 'Answers if no rule matches' },
          canary: ref('canary'),
          shadow: list(ref('shadow')),
          fallback: {
            ...list({ anyOf: [ref('version'), map({ constant: { type: 'object' } }, ['constant'])] }),
            description: 'What answers, in order, if the chosen version cannot',
          },
          limits: ref('limits'),
        },
        ['default'],
      ),
      cell: map({ name, percent: ref('percent'), use: ref('version') }, ['name', 'percent', 'use']),
      experiment: map({ unit: ref('unit'), salt: name, cells: { ...list(ref('cell')), minItems: 1 } }, [
        'salt',
        'cells',
      ]),
    },
  }
}

const text = { type: 'string' }
const name = { type: 'string', minLength: 1 }
const version = { type: 'string', pattern: versionForm.source, description: 'name@version' }
const operands: Readonly<Record<OperandKind, JsonSchema>> = {
  scalar: ref('scalar'),
  scalars: list(ref('scalar')),
  ordered: { type: ['string', 'number'] },
  text,
  range: { ...text, description: 'A range of the npm package semver, such as >=3.2.0' },
  flag: { type: 'boolean' },
}
const draw = { percent: ref('percent'), salt: name, unit: ref('unit') }

function ref(to: string): JsonSchema {
  return { $ref: `#/$defs/${to}` }
}

function list(items: JsonSchema) {
  return { type: 'array', items }
}

function record(values: JsonSchema) {
  return { type: 'object', additionalProperties: values }
}

function map(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[] = []) {
  return { type: 'object', properties, ...(required.length > 0 && { required }), additionalProperties: false }
}

function operandSchemas(): Record<string, JsonSchema> {
  return Object.fromEntries([...operators].map(([operator, { takes }]) => [operator, operands[takes]]))
}
