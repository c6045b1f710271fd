import { satisfies } from 'semver'

/**
 * The rules as the specification tells them, one sentence after the other, with nothing compiled and nothing shared with the
 * engine. What the compiled rules decide is held against it.
 */

type Json = Record<string, unknown>
type Values = Readonly<Record<string, unknown>>

export interface Question {
  readonly ruleSet: Json
  readonly unit: string | undefined
  readonly objective: string
  readonly context: Values
  /** By name, defaults filled in. */
  readonly inputs: Values
  readonly shard?: string
  /** Permitted, ready and serving the objective. */
  readonly override?: string
}

export function naiveDecision(question: Question): Json {
  const { ruleSet, objective, context, inputs } = question
  const objectives = ruleSet['objectives'] as Record<string, Json>
  const experiments = (ruleSet['experiments'] ?? {}) as Record<string, Json>
  const own = objectives[objective]
  let flagged = false
  const bucketFor = (draw: Json): number | undefined => {
    const reference = (draw['unit'] ?? question.unit) as string | undefined
    const value = reference === undefined ? undefined : read(reference, context, inputs)
    if (value === undefined || value === null || value === '' || typeof value === 'object') {
      flagged = true
      return undefined
    }
    return naiveBucket(draw['salt'] as string, typeof value === 'string' ? value : JSON.stringify(value))
  }

  const decision: Json = { objective }
  const answer = (use: unknown, reason: string, rule: string | undefined): void => {
    if (typeof use === 'string') {
      Object.assign(decision, { model: use, reason })
      if (rule !== undefined) decision['rule'] = rule
      const canary = own['canary'] as Json | undefined
      if (canary === undefined || canary['of'] !== use) return
      const bucket = bucketFor(canary)
      if (bucket === undefined) return
      decision['bucket'] = bucket
      if (bucket < Math.round((canary['percent'] as number) * 10_000)) {
        Object.assign(decision, { model: canary['to'], reason: 'canary' })
      }
      return
    }
    const { experiment: name } = use as { experiment: string }
    const experiment = experiments[name]
    const cells = experiment['cells'] as { name: string; percent: number; use: string }[]
    const bucket = bucketFor(experiment)
    if (bucket === undefined) {
      if (rule !== undefined) answer(own['default'], 'default', undefined)
      else Object.assign(decision, { model: cells[0].use, reason: 'default' })
      return
    }
    let start = 0
    for (const cell of cells) {
      const size = Math.round(cell.percent * 10_000)
      if (bucket >= start && bucket < start + size) {
        Object.assign(decision, {
          model: cell.use,
          reason: 'experiment',
          experiment: name,
          cell: cell.name,
          bucket,
        })
        if (rule !== undefined) decision['rule'] = rule
      }
      start += size
    }
  }

  if (question.override !== undefined)
    Object.assign(decision, { model: question.override, reason: 'override' })
  else {
    const rules = (own['rules'] ?? []) as { name: string; when?: Json; use: unknown }[]
    const rule = rules.find(({ when }) => naiveHolds(when ?? {}, context, inputs))
    if (rule === undefined) answer(own['default'], 'default', undefined)
    else answer(rule.use, 'rule', rule.name)
  }

  decision['shard'] = question.shard ?? placed(ruleSet, decision['model'] as string)
  const shadows: string[] = []
  for (const shadow of (own['shadow'] ?? []) as Json[]) {
    if (shadow['model'] === decision['model']) continue
    const bucket = bucketFor(shadow)
    if (bucket === undefined || bucket >= Math.round((shadow['percent'] as number) * 10_000)) continue
    shadows.push(shadow['model'] as string)
  }
  if (shadows.length > 0) decision['shadows'] = shadows
  if (flagged) decision['flags'] = ['NO_UNIT']
  return decision
}

function placed(ruleSet: Json, model: string): string {
  const placement = (ruleSet['placement'] ?? {}) as Record<string, string | string[]>
  for (const key of [model, model.split('@')[0], '*']) {
    if (Object.hasOwn(placement, key)) return [placement[key]].flat()[0]
  }
  return 'main'
}

export function naiveHolds(when: Json, context: Values, inputs: Values): boolean {
  return Object.entries(when).every(([key, wanted]) => {
    if (key === 'all') return (wanted as Json[]).every((one) => naiveHolds(one, context, inputs))
    if (key === 'any') return (wanted as Json[]).some((one) => naiveHolds(one, context, inputs))
    if (key === 'not') return !naiveHolds(wanted as Json, context, inputs)
    const value = read(key, context, inputs)
    if (typeof wanted !== 'object') return operatorHolds('eq', wanted, value)
    return Object.entries(wanted as Json).every(([name, operand]) => operatorHolds(name, operand, value))
  })
}

function read(reference: string, context: Values, inputs: Values): unknown {
  const from = reference.startsWith('input.') ? inputs : context
  const key = reference.replace(/^(input|context)\./, '')
  return Object.hasOwn(from, key) ? from[key] : undefined
}

function operatorHolds(name: string, operand: unknown, value: unknown): boolean {
  const isThere = value !== undefined && value !== null
  if (name === 'exists') return operand === isThere
  if (!isThere) return false
  const isText = typeof value === 'string'
  switch (name) {
    case 'eq':
      return value === operand
    case 'ne':
      return value !== operand
    case 'in':
      return (operand as unknown[]).includes(value)
    case 'notIn':
      return !(operand as unknown[]).includes(value)
    case 'prefix':
      return isText && value.startsWith(operand as string)
    case 'semver':
      return isText && satisfies(value, operand as string)
    default: {
      const order = compare(value, operand)
      if (order === undefined) return false
      if (name === 'lt') return order < 0
      if (name === 'lte') return order <= 0
      if (name === 'gt') return order > 0
      return order >= 0
    }
  }
}

function compare(left: unknown, right: unknown): number | undefined {
  if (typeof left === 'number' && typeof right === 'number') return left - right
  if (typeof left !== 'string' || typeof right !== 'string') return undefined
  const a = [...left].map((character) => character.codePointAt(0)!)
  const b = [...right].map((character) => character.codePointAt(0)!)
  const at = a.findIndex((point, index) => point !== b[index])
  if (at === -1) return a.length - b.length
  return at < b.length ? a[at] - b[at] : 1
}

/** floor(hash × 1,000,000 / 2^32), in whole numbers that cannot be inexact. */
export function naiveBucket(salt: string, unit: string): number {
  return Number((BigInt(naiveMurmur3(Buffer.from(`${salt}:${unit}`))) * 1_000_000n) >> 32n)
}

/** MurmurHash3 x86 32 as its author wrote it, in BigInt. */
export function naiveMurmur3(bytes: Buffer): number {
  const mask = 0xffffffffn
  const multiply = (a: bigint, b: bigint) => (a * b) & mask
  const rotate = (a: bigint, by: bigint) => ((a << by) | (a >> (32n - by))) & mask
  const scramble = (block: bigint) => multiply(rotate(multiply(block, 0xcc9e2d51n), 15n), 0x1b873593n)
  let hash = 0n
  const whole = bytes.length - (bytes.length % 4)
  for (let at = 0; at < whole; at += 4) {
    hash ^= scramble(BigInt(bytes.readUInt32LE(at)))
    hash = (multiply(rotate(hash, 13n), 5n) + 0xe6546b64n) & mask
  }
  let rest = 0n
  for (let at = bytes.length - 1; at >= whole; at--) rest = (rest << 8n) | BigInt(bytes[at])
  hash ^= scramble(rest)
  hash ^= BigInt(bytes.length)
  hash = multiply(hash ^ (hash >> 16n), 0x85ebca6bn)
  hash = multiply(hash ^ (hash >> 13n), 0xc2b2ae35n)
  return Number(hash ^ (hash >> 16n))
}
