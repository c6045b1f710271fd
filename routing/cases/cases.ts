import { z } from 'zod'
import { LoadError, show } from '../../lib/errors'
import { finishedIssue, parseShape } from '../../lib/files/shapeProblems'
import { strictShape } from '../../lib/files/shapes'
import { yamlPlaces } from '../../lib/files/yamlPlaces'
import { inputShape, outputShape, toInputSpec, toOutputSpec } from '../../models/objectives/inputShape'
import { readRuleText } from '../parse/readRuleText'
import type { KnownNames, ObjectiveContract } from '../ruleSet/knownNames'
import { readUnit } from '../ruleSet/reference'

/** A rule set with cases that it must decide, or with the places where it must be refused. */
export interface CaseGroup {
  readonly says: string
  readonly known: KnownNames
  /** What the file does not name, since the deployment's are meant; see `completeNames`. */
  readonly leavesOut: readonly Named[]
  /** As it was read, possibly invalid. */
  readonly ruleSet: unknown
  readonly cases: readonly RuleCase[]
  /** Each is a part of a problem's path. */
  readonly refused?: readonly string[]
}

type Named = 'objectives' | 'models'

export type RuleCase = z.infer<typeof caseShape>

const says = z.string({ error: 'must say in words what should hold' })
const named = <V extends z.ZodType>(value: V) => z.record(z.string(), value)

const text = z.string({ error: 'must be text' }).nullish()
const texts = z.array(z.string(), { error: 'must be a list of texts' }).nullish()

const decisionKeys = {
  objective: text,
  model: text,
  shard: text,
  reason: z.enum(['override', 'experiment', 'canary', 'rule', 'default']).nullish(),
  rule: text,
  experiment: text,
  cell: text,
  bucket: z.number({ error: 'must be a number' }).nullish(),
  shadows: texts,
  flags: texts,
  error: text,
}

const expectShape = named(z.unknown())
  .refine(
    (expect) => Object.keys(expect).length > 0,
    `must have at least one of the keys ${Object.keys(decisionKeys).join(', ')}`,
  )
  .pipe(strictShape(decisionKeys))

const caseShape = strictShape({
  says,
  objective: z.string(),
  context: named(z.unknown()),
  /** Of one row. */
  inputs: named(z.unknown()).optional(),
  shard: z.string().optional(),
  override: z.string().optional(),
  mayOverride: z.boolean().optional(),
  /** Entries that the decision must have; null stands for an entry that it must not have. */
  expect: expectShape,
})

const objectiveShape = strictShape({
  unit: z
    .string()
    .refine((unit) => readUnit(unit) !== undefined, 'must be context.KEY or input.NAME')
    .optional(),
  inputs: named(inputShape).default({}),
  outputs: named(outputShape).optional(),
  shards: z.array(z.string()).optional(),
}).superRefine(({ unit = '', inputs }, context) => {
  const reference = readUnit(unit)
  if (reference?.from !== 'input' || Object.hasOwn(inputs, reference.name)) return
  context.addIssue(finishedIssue(['unit'], `must name an input, got ${show(unit)}`))
})

const groupShape = strictShape({
  says,
  objectives: named(objectiveShape).optional(),
  models: z.array(z.string()).optional(),
  contextTypes: named(z.enum(['string', 'number', 'boolean'])).default({}),
  ruleSet: z.unknown(),
  cases: z.array(caseShape).min(1, 'must not be empty').optional(),
  refused: z.array(z.string()).min(1, 'must not be empty').optional(),
})

/** Parses a file of one group of cases or a list of groups. Throws a LoadError with all problems. */
export function parseCases(text: string, file: string): readonly CaseGroup[] {
  const value = readRuleText(text, file)
  const place = yamlPlaces(text, file)
  const groups = Array.isArray(value)
    ? parseShape(z.array(groupShape).min(1, 'must not be empty'), value, file, place)
    : [parseShape(groupShape, value, file, place)]
  const empty = groups.find(({ cases, refused }) => (cases === undefined) === (refused === undefined))
  if (empty !== undefined)
    throw new LoadError([`${file}: ${empty.says}: must have cases or refused, one of them`])
  const problems = groups.flatMap((group) => {
    return typeof group.ruleSet === 'string'
      ? []
      : leftOut(group).map(
          (name) =>
            `${file}: ${group.says}: ${name}: must be given unless ruleSet is the path of a rule file, got nothing`,
        )
  })
  if (problems.length > 0) throw new LoadError(problems)
  return groups.map((group) => {
    const { objectives = {}, models = [], contextTypes, ruleSet, cases = [], refused, says } = group
    return {
      says,
      leavesOut: leftOut(group),
      known: {
        objectives: new Map(Object.entries(objectives).map(([name, one]) => [name, toContract(one)])),
        models: new Set(models),
        serves: new Map(),
        asked: new Map(),
        fieldShards: new Map(
          Object.entries(objectives).map(([name, { shards = [] }]) => [name, new Set(shards)]),
        ),
        pins: [],
        contextTypes: new Map(Object.entries(contextTypes)),
        freeKeys: new Set(),
      },
      ruleSet,
      cases,
      ...(refused && { refused }),
    }
  })
}

/** A group with the names of a deployment for all that it leaves out. */
export function completeNames(group: CaseGroup, deployment: KnownNames): CaseGroup {
  const { leavesOut, known } = group
  const { objectives, asked, fieldShards, models, serves, pins, contextTypes } = known
  return {
    ...group,
    known: {
      ...deployment,
      ...(!leavesOut.includes('objectives') && { objectives, asked, fieldShards }),
      ...(!leavesOut.includes('models') && { models, serves, pins, shards: undefined }),
      ...(contextTypes.size > 0 && { contextTypes }),
    },
    leavesOut: [],
  }
}

function leftOut(group: z.infer<typeof groupShape>): readonly Named[] {
  return (['objectives', 'models'] as const).filter((name) => group[name] === undefined)
}

function toContract({ unit, inputs, outputs }: z.infer<typeof objectiveShape>): ObjectiveContract {
  return {
    ...(unit !== undefined && { unit }),
    inputs: Object.entries(inputs).map(([name, input]) => toInputSpec(name, input)),
    ...(outputs && { outputs: Object.entries(outputs).map(([name, output]) => toOutputSpec(name, output)) }),
  }
}
