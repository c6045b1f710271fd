import type { JsonSchema } from '../models/jsonSchema'
import { type OperandKind, operators } from './predicates/operators'

/**
 * The JSON Schema of rule files, for editors. What it cannot say (that names exist, cells add up, names differ) is found by
 * `presage rules validate`.
 */
export function ruleSetJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Rule set',
    ...map({
      message: { ...text, description: 'What this version of the rules is for' },
      objectives: {
        ...record(ref('objective')),
        description: 'By objective, what answers it',
      },
      experiments: { ...record(ref('experiment')), description: 'By name, what rules may lead into' },
      placement: {
        ...record({ anyOf: [name, { ...list(name), minItems: 1 }] }),
        description:
          'By name@version, name or *: a shard, or a list of which the first is taken unless a field names another',
      },
    }, ['objectives']),
    $defs: {
      version,
      use: { anyOf: [ref('version'), map({ experiment: name }, ['experiment'])] },
      unit: {
        ...text,
        pattern: '^(context|input)\\.[^.]+$',
        description: "context.KEY or input.NAME: whose id is drawn; else the objective's",
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
        patternProperties: { '^(context\\.|input\\.)?[^.]+$': {} },
        additionalProperties: false,
        // What `all`, `any` and `not` hold is said above; every other key has a scalar or operators.
        unevaluatedProperties: false,
      },
      rule: {
        ...map({ name, when: ref('condition'), use: ref('use') }, ['name', 'use']),
        description: 'The first rule whose `when` holds answers; without one it always does',
      },
      canary: {
        ...map({ of: ref('version'), to: ref('version'), ...draw }, ['of', 'to', 'percent', 'salt']),
        description: 'Moves a percentage of units from one version to another',
      },
      shadow: {
        ...map({ model: ref('version'), ...draw }, ['model', 'percent', 'salt']),
        description: 'Is asked too for a percentage of units; its answer is only recorded',
      },
      limits: map({
        perSecond: { type: 'number', exclusiveMinimum: 0 },
        concurrency: { type: 'integer', minimum: 1 },
        deadline: { ...text, pattern: '^\\d+(\\.\\d+)?(ms|s|m)$' },
      }),
      objective: map(
        {
          rules: list(ref('rule')),
          default: { ...ref('use'), description: 'Answers where no rule matches' },
          canary: ref('canary'),
          shadow: list(ref('shadow')),
          fallback: {
            ...list({ anyOf: [ref('version'), map({ constant: { type: 'object' } }, ['constant'])] }),
            description: 'Who answers, in order, when the chosen version cannot',
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
