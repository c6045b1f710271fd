import { z } from 'zod'
import { deepFreeze } from '../../lib/deepFreeze'
import { show } from '../../lib/errors'
import { readYaml } from '../../lib/files/parseYaml'
import { finishedIssue, parseShape } from '../../lib/files/shapeProblems'
import {
  duration,
  name,
  namedShape,
  positiveDuration,
  strictShape,
  text,
  toMilliseconds,
  whole,
} from '../../lib/files/shapes'
import { yamlPlaces } from '../../lib/files/yamlPlaces'
import type { Objective } from '../contracts/objective'
import { parseType, printType } from '../types/parseType'
import { inputShape, outputShape, toInputSpec, toOutputSpec } from './inputShape'

/** `objectives/<NAME>.yaml`. */
export const objectiveShape = strictShape({
  objective: name.describe('The name that fields and rules use, and the name of the file'),
  description: text.optional().describe('What is predicted, for whom'),
  owner: text.optional().describe('The responsible team'),
  unit: z
    .string({ error: 'must be context.<key> or input.<name>' })
    .regex(/^(context|input)\.[A-Za-z_][A-Za-z0-9_]*$/, 'must be context.<key> or input.<name>')
    .optional()
    .describe('Whose id assigns cells and canaries, unless a rule names another unit'),
  inputs: namedShape(inputShape, 'inputs').describe('The values that a field supplies'),
  outputs: namedShape(outputShape, 'outputs')
    .refine((outputs) => Object.keys(outputs).length > 0, 'must not be empty')
    .describe('The values that a model of the objective returns'),
  deadline: positiveDuration.optional().describe('Time limit of a prediction, such as 200ms'),
  maxRows: whole(1).optional().describe('Maximum number of prediction rows per request; default: 10,000'),
  cache: strictShape({
    ttl: duration
      .refine((value) => toMilliseconds(value) >= 1, { error: 'must be a duration from 1ms on' })
      .describe('Maximum age of an answer, such as 60s'),
  })
    .optional()
    .describe('Caches the answers of a version to equal inputs; without it, nothing is cached'),
}).superRefine(({ unit, inputs }, context) => {
  const input = unit?.startsWith('input.') ? unit.slice('input.'.length) : undefined
  if (input === undefined) return
  if (!Object.hasOwn(inputs, input)) {
    const known = Object.keys(inputs).map((key) => `input.${key}`)
    context.addIssue(finishedIssue(['unit'], `must name an input (${known.join(', ')}), got ${show(unit)}`))
    return
  }
  const type = parseType(inputs[input], () => {})
  if (type?.kind === 'list')
    context.addIssue(
      finishedIssue(['unit'], `must be one value, got ${show(unit)}, which is ${printType(type)}`),
    )
})

/**
 * Parses an objective. Throws `LoadError` with all problems at once, each as `file:line: path: expectation, got what`.
 */
export function parseObjective(yaml: string, file: string): Objective {
  const source = parseShape(objectiveShape, readYaml(yaml, file), file, yamlPlaces(yaml, file))
  const { objective, inputs, outputs, deadline, maxRows = 10_000, cache, ...rest } = source
  return deepFreeze({
    name: objective,
    ...rest,
    inputs: Object.entries(inputs).map(([key, input]) => toInputSpec(key, input)),
    outputs: Object.entries(outputs).map(([key, output]) => toOutputSpec(key, output)),
    ...(deadline && { deadlineMs: toMilliseconds(deadline) }),
    maxRows,
    ...(cache && { cacheTtlMs: toMilliseconds(cache.ttl) }),
    file,
  })
}
