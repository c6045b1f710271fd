import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { LoadError } from '../../../lib/errors'
import { packageRoot } from '../../../lib/packagePaths'
import { type CaseGroup, parseCases } from '../../../routing/cases/cases'
import { runCases } from '../../../routing/cases/runCases'
import { compileRouter } from '../../../routing/compile/compileRouter'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import { readContext } from '../../../routing/ruleSet/readContext'
import { contract, models, RandomRules } from '../../routing/randomRules'
import { seeded } from '../../support/seeded'
import { anyNumber, anyText, anyValue, changedTree, editedText } from '../arbitraries'
import { yamlText } from '../inputs/yamlText'
import { requireProblems } from '../requireProblems'
import { type Kind, kindOf, type Outcome } from './kind'

type Values = Readonly<Record<string, unknown>>

type Input =
  | { readonly is: 'cases'; readonly text: string }
  | {
      readonly is: 'rules'
      readonly group: CaseGroup
      readonly text: string
      readonly context: Values
      readonly inputs: Values
      readonly override: string
    }

/** Rule files, and what is asked of those that are taken. Nothing that a context or an input holds may stop a decision. */
export async function startRules(): Promise<Kind> {
  const folder = join(packageRoot, 'tests/specs/routing')
  const texts = readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .filter((text) => text.length < 60_000)
  const groups = texts.flatMap((text) => parseCases(text, named))
  const random: CaseGroup = {
    ...groups[0],
    known: { ...groups[0].known, ...randomKnown() },
  }
  const inputs = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom(...groups).chain((group) => rulesLike(group, fc.constant(group.ruleSet))),
    },
    {
      weight: 3,
      arbitrary: rulesLike(
        random,
        fc.nat().map((seed) => new RandomRules(seeded(seed)).ruleSet()),
      ),
    },
    { weight: 2, arbitrary: casesLike(texts) },
  )
  return kindOf({ inputs, feed, limitMs: 5000, show })
}

const named = 'rules.yaml'

function feed(input: Input): Outcome {
  try {
    if (input.is === 'cases') for (const group of parseCases(input.text, named)) runCases(group)
    else decide(input)
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    requireProblems(error.problems, named)
    return 'refused'
  }
  return 'taken'
}

function decide({ group, text, context, inputs, override }: Extract<Input, { is: 'rules' }>): void {
  const { known } = group
  const ruleSet = parseRuleSet(text, named, known, () => {})
  const router = compileRouter(ruleSet, known.objectives, (_, model) => known.models.has(model))
  for (const objective of Object.keys(ruleSet.objectives)) {
    const question = { objective, context: readContext(context, known), inputs }
    const explained = router.explain(question)
    const answers = [
      router.resolve(question),
      router.resolve({ ...question, override, shard: 'main' }),
      router.resolve({ objective, context: {} }),
      'error' in explained ? explained : explained.decision,
    ]
    for (const answer of answers) {
      if ('error' in answer) continue
      const { model, bucket = 0 } = answer
      if (typeof model === 'string' && model.includes('@') && !known.models.has(model))
        throw new Error(`decides for ${model}, which is no version`)
      if (!Number.isInteger(bucket) || bucket < 0 || bucket >= 1_000_000)
        throw new Error(`a bucket ${bucket}`)
    }
  }
}

function rulesLike(group: CaseGroup, ruleSets: fc.Arbitrary<unknown>): fc.Arbitrary<Input> {
  const { known, cases } = group
  const words = [
    ...known.models,
    ...known.objectives.keys(),
    ...'rules when use default canary shadow unit of percent name not any all in semver experiment constant limits gte lt between main input.year context.member'.split(
      ' ',
    ),
  ]
  const changed = ruleSets.chain((ruleSet) =>
    fc.oneof(
      { weight: 1, arbitrary: fc.constant(ruleSet) },
      { weight: 3, arbitrary: changedTree([ruleSet], words) },
    ),
  )
  const json = changed.map((value) => JSON.stringify(value) ?? '')
  const text = fc.oneof(
    { weight: 6, arbitrary: json },
    { weight: 2, arbitrary: changed.map((value) => stringify(value, { schema: 'core' })) },
    { weight: 2, arbitrary: json.chain((one) => editedText([one])) },
    { weight: 1, arbitrary: yamlText },
  )
  const contextKeys = [
    ...cases.flatMap(({ context }) => Object.keys(context)),
    'member',
    'constructor',
    '__proto__',
  ]
  const inputNames = [...known.objectives.values()].flatMap(({ inputs }) => inputs.map(({ name }) => name))
  return fc.record({
    is: fc.constant('rules' as const),
    group: fc.constant(group),
    text,
    context: valuesOf(contextKeys),
    inputs: valuesOf([...inputNames, 'toString']),
    override: fc.oneof(fc.constantFrom(...known.models, '@', 'a@1'), anyText),
  })
}

function valuesOf(keys: readonly string[]): fc.Arbitrary<Values> {
  const value = fc.oneof(
    anyText,
    anyNumber,
    fc.boolean(),
    fc.constantFrom('DE', 'tv', '3.2.0', '12', 12),
    anyValue,
  )
  return fc
    .array(fc.tuple(fc.constantFrom(...keys), value), { maxLength: 5 })
    .map((entries) => Object.fromEntries(entries))
}

function casesLike(texts: readonly string[]): fc.Arbitrary<Input> {
  const trees = texts.map((text): unknown => JSON.parse(text))
  const words = [
    'says',
    'objectives',
    'models',
    'ruleSet',
    'cases',
    'refused',
    'context',
    'inputs',
    'expect',
    'unit',
  ]
  const text = fc.oneof(
    changedTree(trees, words).map((value) => JSON.stringify(value) ?? ''),
    editedText(texts),
  )
  return text.map((one) => ({ is: 'cases' as const, text: one }))
}

function randomKnown() {
  return { objectives: new Map([['O', contract]]), models: new Set(models), fieldShards: new Map() }
}

function show(input: Input): string {
  const { text } = input
  const rest = input.is === 'rules' ? ` ${JSON.stringify([input.context, input.inputs, input.override])}` : ''
  return `${input.is}: ${JSON.stringify(text).slice(0, 3000)}${rest.slice(0, 1000)}`
}
