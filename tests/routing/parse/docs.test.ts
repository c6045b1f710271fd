import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { transformSync } from '@swc/core'
import { buildASTSchema, parse as parseGraphql, validate } from 'graphql'
import { parse } from 'yaml'
import { loadConfig } from '../../../cli/config/config'
import { routePath } from '../../../cli/deployment/routeAction'
import { LoadError } from '../../../lib/errors'
import { packageRoot } from '../../../lib/packagePaths'
import type { ContextType } from '../../../lib/request/clientRequest'
import type { ExplainReport } from '../../../lib/request/explain'
import { completeNames, parseCases } from '../../../routing/cases/cases'
import { runCases } from '../../../routing/cases/runCases'
import { type CompiledRouter, compileRouter, type NeedsInputs } from '../../../routing/compile/compileRouter'
import * as defineRuleSet from '../../../routing/parse/defineRuleSet'
import { parseRuleSet } from '../../../routing/parse/parseRuleSet'
import type { KnownNames, ObjectiveContract } from '../../../routing/ruleSet/knownNames'
import { readContext } from '../../../routing/ruleSet/readContext'
import type { Decision } from '../../../routing/ruleSet/router'
import type { ResolvedRoute } from '../../../serving/routes/resolveRoute'
import type { Place } from '../../../serving/routes/routePlaces'
import { activationKeys } from '../../support/auditKeys'
import { exposureKeys } from '../../support/exposureKeys'

/** The deployment that the page speaks of. */
const objectives = new Map<string, ObjectiveContract>([
  [
    'PREDICT_RATING',
    {
      unit: 'context.member',
      inputs: [{ name: 'year', type: { kind: 'Int' }, nullable: true, onNull: 'missing' }],
      outputs: [{ name: 'rating', type: { kind: 'Float' } }],
    },
  ],
  ['PAYMENT_RISK', { inputs: [] }],
])
const contextTypes = new Map<string, ContextType>([['age', 'number']])
const known: KnownNames = {
  objectives,
  models: new Set([
    ...[1, 2, 3, 4].map((version) => `rating-predictor@${version}`),
    ...[2, 3].map((version) => `payment-risk@${version}`),
  ]),
  serves: new Map(),
  shards: new Set(['main', 'large', 'small']),
  asked: new Map([['PREDICT_RATING', 'Title.predictedRating']]),
  fieldShards: new Map(),
  pins: [],
  contextTypes,
  contextKeys: new Set(['member', 'country', 'surface', 'device', 'app', 'age', 'tenant']),
  freeKeys: new Set(['device']),
}

interface Example {
  readonly context: Record<string, unknown>
  readonly inputs?: Record<string, unknown>
  readonly shard?: string
  readonly decides: Record<string, unknown>
}

const page = readFileSync(join(packageRoot, 'docs/rules.md'), 'utf8')
const blocks = [...page.matchAll(/^ *```(\w+)(?: (\w+))?\n([\s\S]*?)^ *```$/gm)].map(
  ([whole, language, kind, text]) => {
    return { line: page.slice(0, page.indexOf(whole)).split('\n').length, language, kind, text }
  },
)

let router: CompiledRouter | undefined
let lines: readonly string[] = []
/** The last decision that was made. */
let decided: Decision | NeedsInputs | undefined
const executed = new Map<string, number>()

describe('docs/rules.md', () => {
  it.each(blocks.map((block) => [`the ${block.language} at line ${block.line}`, block] as const))(
    '%s',
    (_, block) => {
      const kind = kindOf(block)
      executed.set(kind, (executed.get(kind) ?? 0) + 1)
      run[kind](block.text)
    },
  )

  it('has examples of every kind', () => {
    for (const kind of Object.keys(run)) expect(executed.get(kind) ?? 0).toBeGreaterThan(0)
    expect(executed.get('rules')).toBe(10)
    expect(executed.get('decisions')).toBe(9)
  })
})

const run = {
  rules(text: string) {
    router = compileRouter(parseRuleSet(text, 'rules.yaml', known, unexpected), objectives)
  },
  decisions(text: string) {
    for (const { context, decides, ...more } of parse(text) as readonly Example[]) {
      const question = {
        objective: 'PREDICT_RATING',
        context: readContext(context, { contextTypes }),
        ...more,
      }
      const decision = router!.resolve(question)
      decided = decision
      for (const [key, wanted] of Object.entries(decides)) {
        if (wanted === null) expect(decision).not.toHaveProperty(key)
        else expect(decision).toHaveProperty(key, wanted)
      }
    }
  },
  refused(text: string) {
    try {
      parseRuleSet(text, 'rules.yaml', known)
      lines = []
    } catch (error) {
      lines = (error as LoadError).problems
    }
  },
  warned(text: string) {
    const warnings: string[] = []
    parseRuleSet(text, 'rules.yaml', known, (line) => warnings.push(line))
    lines = warnings
  },
  output(text: string) {
    expect(text.trimEnd().split('\n')).toEqual(lines)
  },
  config(text: string) {
    const file = join(mkdtempSync(join(tmpdir(), 'presage-docs-')), 'presage.yaml')
    writeFileSync(file, text)
    expect(loadConfig(file).exposures).toBeDefined()
  },
  graphql(text: string) {
    const sdl = readFileSync(join(packageRoot, 'schema/supergraph.graphql'), 'utf8')
    expect(validate(buildASTSchema(parseGraphql(sdl), { assumeValidSDL: true }), parseGraphql(text))).toEqual(
      [],
    )
  },
  exposure(text: string) {
    expect(Object.keys(JSON.parse(text) as object)).toEqual(exposureKeys)
  },
  audit(text: string) {
    expect(Object.keys(JSON.parse(text) as object)).toEqual(activationKeys)
  },
  cases(text: string) {
    const results = parseCases(text, 'docs').flatMap(runCases)
    expect(results.map(({ differences }) => differences)).toEqual([[], []])
  },
  deployment(text: string) {
    const [group] = parseCases(text, 'docs').map((one) => completeNames(one, known))
    const ruleSet = { objectives: { PREDICT_RATING: { default: 'rating-predictor@3' } } }
    expect(group.ruleSet).toBe('rules.yaml')
    expect(runCases({ ...group, ruleSet }).map(({ differences }) => differences)).toEqual([[]])
  },
  explained(text: string) {
    const [entry] = (JSON.parse(text) as { presage: ExplainReport }).presage.predictions
    expect(entry).toMatchObject(decided!)
  },
  route(text: string) {
    const route = JSON.parse(text) as ResolvedRoute
    expect(route.decision).toEqual(decided)
    for (const { routingKey, model, shard } of [route, ...route.configuration.fallbacks.filter(isPlace)])
      expect(routingKey).toBe(`${model}@${shard}`)
  },
  envoy(text: string) {
    const { routes } = parse(text) as { routes: { match: { headers: { name: string }[] } }[] }
    for (const { match } of routes) expect(match.headers[0].name).toBe('x-presage-routing-key')
  },
  command(text: string) {
    const [, path, body] = /^curl localhost:4000(\S+) [\s\S]*-d '(.*)'$/m.exec(text.trim())!
    expect([path, JSON.parse(body)]).toEqual(
      path === '/graphql'
        ? [path, { query: expect.stringContaining('predictedRating') }]
        : [routePath, { objective: 'PREDICT_RATING', context: { country: 'FR', member: '12' } }],
    )
  },
  typescript(text: string) {
    const { code } = transformSync(text, {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    })
    const exports: { rules?: { experiments: object } } = {}
    new Function('exports', 'require', code)(exports, (name: string) => {
      expect(name).toBe('presage/rules')
      return defineRuleSet
    })
    expect(exports.rules?.experiments).toHaveProperty('half.cells.1.use', 'rating-predictor@4')
  },
}

function kindOf({ language, kind, text }: (typeof blocks)[number]): keyof typeof run {
  if (language === 'ts') return 'typescript'
  if (language === 'graphql') return 'graphql'
  if (language === 'text') return 'output'
  if (language === 'sh') return 'command'
  if (kind !== undefined) return kind as keyof typeof run
  return text.startsWith('- ') ? 'decisions' : 'rules'
}

function isPlace(one: object): one is Place {
  return 'model' in one
}

function unexpected(line: string): void {
  throw new LoadError([`unexpected warning: ${line}`])
}
