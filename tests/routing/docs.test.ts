import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from '@swc/core'
import { parse } from 'yaml'
import { packageRoot } from '../../lib/compiled'
import { LoadError } from '../../lib/errors'
import { parseCases } from '../../routing/cases'
import { type CompiledRouter, compileRouter } from '../../routing/compileRouter'
import * as defineRuleSet from '../../routing/defineRuleSet'
import type { ContextType, KnownNames, ObjectiveContract } from '../../routing/knownNames'
import { parseRuleSet } from '../../routing/parseRuleSet'
import { readContext } from '../../routing/readContext'
import { runCases } from '../../routing/runCases'

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
])
const contextTypes = new Map<string, ContextType>([['age', 'number']])
const known: KnownNames = {
  objectives,
  models: new Set([1, 2, 3, 4].map((version) => `rating-predictor@${version}`)),
  serves: new Map(),
  shards: new Set(['main', 'large', 'small']),
  asked: new Set(['PREDICT_RATING']),
  fieldShards: new Map(),
  pins: [],
  contextTypes,
  contextKeys: new Set(['member', 'country', 'surface', 'device', 'app', 'age']),
  freeKeys: new Set(['device']),
}

interface Example {
  readonly context: Record<string, unknown>
  readonly inputs?: Record<string, unknown>
  readonly shard?: string
  readonly decides: Record<string, unknown>
}

const page = readFileSync(join(packageRoot, 'docs/rules.md'), 'utf8')
const blocks = [...page.matchAll(/^```(\w+)(?: (\w+))?\n([\s\S]*?)^```$/gm)].map(
  ([whole, language, kind, text]) => {
    return { line: page.slice(0, page.indexOf(whole)).split('\n').length, language, kind, text }
  },
)

let router: CompiledRouter | undefined
let lines: readonly string[] = []
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
    expect(executed.get('rules')).toBe(8)
    expect(executed.get('decisions')).toBe(8)
  })
})

const run = {
  rules(text: string) {
    router = compileRouter(parseRuleSet(text, 'rules.yaml', known, unexpected), objectives)
  },
  decisions(text: string) {
    for (const { context, decides, ...more } of parse(text) as readonly Example[]) {
      const question = { objective: 'PREDICT_RATING', context: readContext(context, contextTypes), ...more }
      const decision = router!.resolve(question)
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
  cases(text: string) {
    const results = parseCases(text, 'docs').flatMap(runCases)
    expect(results.map(({ differences }) => differences)).toEqual([[], []])
  },
  typescript(text: string) {
    const { code } = transformSync(text, {
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'commonjs' },
    })
    const exports: { rules?: { experiments: object } } = {}
    new Function('exports', 'require', code)(exports, (name: string) => {
      expect(name).toBe('presage/routing/defineRuleSet')
      return defineRuleSet
    })
    expect(exports.rules?.experiments).toHaveProperty('half.cells.1.use', 'rating-predictor@4')
  },
}

function kindOf({ language, kind, text }: (typeof blocks)[number]): keyof typeof run {
  if (language === 'ts') return 'typescript'
  if (language === 'text') return 'output'
  if (kind !== undefined) return kind as keyof typeof run
  return text.startsWith('- ') ? 'decisions' : 'rules'
}

function unexpected(line: string): void {
  throw new LoadError([`unexpected warning: ${line}`])
}
