import { naiveDecision } from '../../routing/naive'
import {
  type Asked,
  type AskedField,
  deadlineMs,
  lost,
  pauseMs,
  type Row,
  type Version,
  versions,
  type World,
} from './world'

/**
 * What requests must leave behind, as the documentation tells it: one row after the other, in maps and lists, with nothing
 * shared with the product.
 */
export class Specification {
  /** By metric and labels, as `CountedMetrics.bySeries` writes them. */
  readonly counts: Record<string, Record<string, number>> = {}
  /** The rows that reached a version, since the last look. */
  readonly runs: string[] = []
  /** The lines of the exposure log, since the last look: of each those that it may be, by which rows are answered first. */
  readonly lines: string[][] = []
  private now = 0
  /** By version, objective and row, until when its answer is kept. */
  private readonly kept = new Map<string, number>()
  /** By objective and who is counted, the rows that its limit allows, and since when. */
  private readonly budgets = new Map<string, { rows: number; at: number }>()
  /** By version, objective and row, what is made now for requests that use the cache. */
  private readonly inFlight = new Map<string, string | undefined>()
  /** By objective and who is counted, the requests that wait for rows there. */
  private readonly inside = new Map<string, Set<RequestState>>()

  /** The cache and the limits go on when its rules change. */
  constructor(public world: World) {}

  /** Requests that come at once. */
  ask(all: readonly Asked[]): void {
    for (const asked of all) {
      this.now += asked.afterMs
      const request: RequestState = {
        ...{ asked, rows: new Map(), outcomes: new Map(), running: new Set(), waits: false },
        ...{ decided: new Set(), exposed: new Map(), groups: [] },
      }
      for (const field of asked.fields) this.answer(field, request)
      if (asked.isLate) this.now += deadlineMs
      for (const group of request.groups) this.shadow(group, request)
    }
    this.inFlight.clear()
    this.inside.clear()
    this.now += pauseMs
  }

  private answer(field: AskedField, request: RequestState): void {
    const { asks, rows, wanted } = field
    const allowed = this.allowedRows(asks, rows.length, request)
    this.fail(asks.split('@')[0], 'TOO_MANY_ROWS', rows.length - allowed)
    const isLost = (at: number) => this.world.loses && rows[at].x === lost
    const all = [...rows.keys()].slice(0, allowed)
    const there = all.filter((at) => !isLost(at))
    if (asks.includes('@')) {
      // Counted by the name of the model.
      for (const _ of all.filter(isLost)) this.fail('p', 'UPSTREAM_FAILED')
      for (const at of there) this.fail('p', this.askVersion(asks, 'main', '', rows[at], wanted, request))
      return
    }
    if (rows.length === 0) return
    const limits = this.limitsOf(asks, request)
    const perRow = readsInputs(this.world, asks)
    // Where each row has a decision, it must be read before it can count.
    const counted = perRow ? there : all
    const limited = new Set(counted.slice(0, this.withinLimits(limits, counted.length, request)))
    const isForAll = perRow || this.world.rules[asks].fallback !== undefined
    const read = all.filter((at) => isForAll || limited.has(at))
    for (const at of all.filter(isLost)) this.fail(asks, read.includes(at) ? 'UPSTREAM_FAILED' : 'OVERLOADED')
    const isDecided = perRow || read.length < rows.length || there.length > 0
    request.waits = false
    for (const { decision, members } of isDecided ? this.decide(field, there, request) : []) {
      const asked = members.map((at) => ({ row: rows[at], isRefused: !limited.has(at) }))
      this.answerGroup(field, decision, asked, request)
    }
    if (limited.size > 0 && request.waits) this.inside.set(limits.key, limits.inside.add(request))
  }

  private allowedRows(asks: string, count: number, { rows }: RequestState): number {
    const own = this.world.objectives[asks]?.maxRows ?? 10_000
    const taken = (key: string) => rows.get(key) ?? 0
    const allowed = Math.min(
      count,
      this.world.maxRows - taken('all'),
      own - (asks.includes('@') ? 0 : taken(asks)),
    )
    rows.set('all', taken('all') + allowed)
    rows.set(asks, taken(asks) + allowed)
    return allowed
  }

  /** One decision for a request, objective and shard that fields name, or one for each row where rules read inputs. */
  private decide(
    { asks, isLarge, rows }: AskedField,
    members: number[],
    { asked, decided }: RequestState,
  ): Group[] {
    const { context } = asked
    const { rules, experiments, away } = this.world
    const ruleSet = { objectives: rules, experiments }
    const wish = asked.overrides[asks]
    const override = away.includes(wish) ? undefined : wish
    const question = { ruleSet, unit: 'context.member', objective: asks, context, override }
    const decide = (inputs: Readonly<Record<string, unknown>>) =>
      naiveDecision({ ...question, inputs }) as unknown as Decision
    const count = (decision: Decision) => {
      const { model, reason, rule = '', cell = '' } = decision
      this.count('presage_routing_decisions_total', { objective: asks, model, reason, rule, cell })
      if (decision.flags !== undefined) this.count('presage_routing_no_unit_total', { objective: asks })
    }
    if (!readsInputs(this.world, asks)) {
      const decision = decide({})
      const place = `${asks} ${isLarge}`
      if (!decided.has(place)) count(decision)
      decided.add(place)
      return [{ decision, members }]
    }
    const groups = new Map<string, Group>()
    for (const at of members) {
      const decision = decide({ ...rows[at] })
      count(decision)
      const key = JSON.stringify({ ...decision, bucket: undefined })
      if (!groups.has(key)) groups.set(key, { decision, members: [] })
      groups.get(key)!.members.push(at)
    }
    return [...groups.values()]
  }

  private limitsOf(objective: string, { asked }: RequestState) {
    const {
      perSecond,
      per,
      concurrency = Number.POSITIVE_INFINITY,
    } = this.world.rules[objective].limits ?? {}
    const key = `${objective} ${per === 'client' ? asked.client : ''}`
    return { key, perSecond, concurrency, inside: this.inside.get(key) ?? new Set() }
  }

  /** How many of the rows the limits of the rules allow. */
  private withinLimits(
    limits: ReturnType<Specification['limitsOf']>,
    rows: number,
    request: RequestState,
  ): number {
    const { key, perSecond, concurrency, inside } = limits
    if (rows === 0 || (!inside.has(request) && inside.size >= concurrency)) return 0
    return perSecond === undefined ? rows : this.take(key, rows, perSecond)
  }

  /** The rows of a second may come at once, and are available again as fast as the limit refills. */
  private take(key: string, rows: number, perSecond: number): number {
    const most = Math.max(1, perSecond)
    const budget = this.budgets.get(key) ?? { rows: most, at: this.now }
    const available = Math.min(most, budget.rows + ((this.now - budget.at) * perSecond) / 1000)
    const taken = Math.min(rows, Math.floor(available))
    this.budgets.set(key, { rows: available - taken, at: this.now })
    return taken
  }

  private answerGroup(
    { asks: objective, isLarge, wanted }: AskedField,
    decision: Decision,
    asked: readonly { readonly row: Row; readonly isRefused: boolean }[],
    request: RequestState,
  ): void {
    const { model } = decision
    const shard = isLarge ? 'large' : 'main'
    const { fallback = [] } = this.world.rules[objective]
    const told = fallback.length > 0 ? asked : asked.filter(({ isRefused }) => !isRefused)
    this.fail(objective, 'OVERLOADED', asked.length - told.length)
    const answered = told.map(({ row, isRefused }): Answered => {
      if (row.x === null) this.count('presage_null_inputs_total', { objective, input: 'x' })
      const first = isRefused ? 'OVERLOADED' : this.askVersion(model, shard, objective, row, wanted, request)
      let code = first
      let by = model
      for (const next of first === undefined ? [] : fallback) {
        if (code === undefined || !fallible.includes(code)) break
        if (typeof next !== 'string') [by, code] = ['constant', undefined]
        else if (next !== model && !(isLarge && next === 'p@5')) {
          const found = this.askVersion(next, shard, objective, row, wanted, request)
          if (found === undefined) [by, code] = [next, undefined]
          else if (!fallible.includes(found)) code = found
        }
      }
      if (by !== model) this.count('presage_fallback_total', { objective, from: model, to: by, code: first! })
      this.fail(objective, code)
      if (code !== undefined && !isRefused)
        this.count('presage_version_failures_total', { objective, model, code })
      return { row, by, code }
    })
    if (answered.length === 0) return
    const group = { objective, decision, answered, wanted }
    this.expose(group, request)
    request.groups.push(group)
  }

  /** The code of the row's error, if it has one. A version that a field pins is asked for no objective. */
  private askVersion(
    key: string,
    shard: string,
    objective: string,
    row: Row,
    wanted: AskedField['wanted'],
    request: RequestState,
  ): string | undefined {
    const { outcomes } = request
    const version = versions[key]
    if (this.world.away.includes(key)) return 'MODEL_NOT_READY'
    if (!takes(version, row)) return 'BAD_FEATURE'
    const identity = `${key} ${objective} ${row.x} ${version.readsK ? row.k : ''}`
    // Equal rows of a request are looked up, and run, once on a shard.
    const place = `${shard} ${identity}`
    if (!outcomes.has(place)) outcomes.set(place, this.lookUp(identity, key, objective, row, request))
    request.waits ||= request.running.has(identity)
    return outcomes.get(place) ?? badOutput(version, row, wanted)
  }

  private lookUp(identity: string, key: string, objective: string, row: Row, request: RequestState) {
    const { bypasses, isLate } = request.asked
    const version = versions[key]
    const ttlMs = this.world.objectives[objective]?.ttlMs
    const labels = { objective, model: key }
    if (ttlMs !== undefined && bypasses) this.count('presage_cache_bypassed_total', labels)
    else if (ttlMs !== undefined) {
      if (this.inFlight.has(identity)) {
        this.count('presage_cache_shared_total', labels)
        request.running.add(identity)
        return this.inFlight.get(identity)
      }
      if (this.now < (this.kept.get(identity) ?? 0)) {
        this.count('presage_cache_hits_total', labels)
        return undefined
      }
      this.count('presage_cache_misses_total', labels)
      this.inFlight.set(identity, row.x === version.refuses ? 'INFERENCE_FAILED' : undefined)
      if (!isLate && row.x !== version.refuses && row.x !== version.bad)
        this.kept.set(identity, this.now + ttlMs)
    }
    this.run(key, row)
    request.running.add(identity)
    if (isLate) return 'DEADLINE_EXCEEDED'
    if (row.x === version.refuses) return 'INFERENCE_FAILED'
    const [model, number] = key.split('@')
    this.count('presage_inference_count_total', { model, version: number })
    return undefined
  }

  private run(key: string, { x, k }: Row): void {
    this.runs.push(`${key} ${x} ${versions[key].readsK ? k : ''}`)
  }

  /** One line for each request, objective, experiment and unit, of the rows that are answered first. */
  private expose(
    { objective, decision, answered }: AnsweredGroup,
    request: RequestState,
    shadow?: string,
  ): void {
    const { experiment, cell, model: chosen } = decision
    if (experiment === undefined) return
    const unitBy = this.world.experiments[experiment].unit ?? 'context.member'
    const { context, isSynthetic } = request.asked
    const unitOf = ({ row }: Answered) => (unitBy === 'context.member' ? context['member'] : String(row.x))
    for (const unit of new Set(answered.map(unitOf))) {
      const key = JSON.stringify([objective, experiment, unit, shadow])
      const rows = answered.filter((row) => unitOf(row) === unit)
      const model = shadow ?? mostOf(rows, chosen)
      const origin = isSynthetic ? 'synthetic' : shadow === undefined ? 'real' : 'shadow'
      const isShadow = isSynthetic && shadow !== undefined
      const line = {
        request: request.asked.id,
        objective,
        experiment,
        cell,
        unitBy,
        unit,
        model,
        chosen,
        origin,
      }
      const text = JSON.stringify({ ...line, ...(isShadow && { shadow: true }), rows: rows.length })
      const others = request.exposed.get(key)
      others?.push(text)
      if (others !== undefined) continue
      request.exposed.set(key, [text])
      this.lines.push(request.exposed.get(key)!)
      this.count('presage_exposures_total', { objective, experiment, origin })
    }
  }

  /** A shadow is asked what another version answered: equal rows run once for each field. */
  private shadow(group: AnsweredGroup, request: RequestState): void {
    const { objective, decision, answered, wanted } = group
    for (const model of decision.shadows ?? []) {
      const rows = answered.filter(({ by, code }) => code === undefined && by !== 'constant' && by !== model)
      const drop = (reason: string, by: number) =>
        this.count('presage_shadow_dropped_total', { objective, model, reason }, by)
      drop('no-answer', answered.length - rows.length)
      if (this.world.away.includes(model)) {
        drop('not-ready', rows.length)
        continue
      }
      const version = versions[model]
      const ran = new Set<string>()
      for (const { row, by } of rows) {
        const outcome = takes(version, row)
          ? row.x === version.refuses
            ? 'INFERENCE_FAILED'
            : (badOutput(version, row, wanted) ?? 'answered')
          : row.x === null
            ? 'missing-feature'
            : 'BAD_FEATURE'
        this.count('presage_shadow_rows_total', { objective, model, outcome })
        const identity = `${row.x} ${version.readsK ? row.k : ''}`
        if (takes(version, row) && !ran.has(identity)) this.run(model, row)
        ran.add(identity)
        if (outcome !== 'answered') continue
        for (const output of wanted)
          this.count('presage_shadow_compared_total', { objective, answered: by, shadow: model, output })
      }
      if (rows.length > 0) this.expose({ ...group, answered: rows }, request, model)
    }
  }

  private fail(asked: string, code: string | undefined, by = 1): void {
    if (code !== undefined) this.count('presage_prediction_failures_total', { asked, code }, by)
  }

  private count(name: string, labels: Readonly<Record<string, string>>, by = 1): void {
    if (by === 0) return
    const series = Object.entries(labels)
      .filter(([, value]) => value !== '')
      .map(([label, value]) => `${label}=${value}`)
      .join(' ')
    this.counts[name] ??= {}
    this.counts[name][series] = (this.counts[name][series] ?? 0) + by
  }
}

interface Decision {
  readonly model: string
  readonly reason: string
  readonly rule?: string
  readonly experiment?: string
  readonly cell?: string
  readonly shadows?: readonly string[]
  readonly flags?: readonly string[]
}

/** Rows that are decided alike. */
interface Group {
  readonly decision: Decision
  readonly members: number[]
}

interface Answered {
  readonly row: Row
  /** The version that was chosen, or what answered in its place. */
  readonly by: string
  readonly code: string | undefined
}

interface AnsweredGroup {
  readonly objective: string
  readonly decision: Decision
  readonly answered: readonly Answered[]
  readonly wanted: AskedField['wanted']
}

interface RequestState {
  readonly asked: Asked
  /** By objective, and for all together, how many rows it has asked for. */
  readonly rows: Map<string, number>
  /** By version, objective and row, the code of what the graph made of it; undefined if it answered. */
  readonly outcomes: Map<string, string | undefined>
  /** Of these, those for which it must wait. */
  readonly running: Set<string>
  /** Whether a field must wait for any of its rows. */
  waits: boolean
  readonly decided: Set<string>
  /** Its lines by objective, experiment, unit and shadow. */
  readonly exposed: Map<string, string[]>
  readonly groups: AnsweredGroup[]
}

const fallible = ['MODEL_NOT_READY', 'OVERLOADED', 'INFERENCE_FAILED', 'DEADLINE_EXCEEDED']

function takes({ nullable, most }: Version, { x }: Row): boolean {
  return x === null ? nullable : x >= 0 && x <= most
}

function badOutput({ bad }: Version, { x }: Row, wanted: AskedField['wanted']): string | undefined {
  return bad !== undefined && x === bad && wanted.includes('y') ? 'BAD_OUTPUT' : undefined
}

/** Whether an objective is decided row by row. */
function readsInputs({ rules, experiments }: World, objective: string): boolean {
  const own = rules[objective]
  const uses = [own.default, ...(own.rules ?? []).map(({ use }) => use)]
  const reached = uses.map((use) => (typeof use === 'string' ? undefined : experiments[use.experiment]))
  return JSON.stringify([own, reached]).includes('"input.')
}

/** What answered most of the rows, the chosen version in a tie; null if nothing did. */
function mostOf(rows: readonly Answered[], chosen: string): string | null {
  const counts = new Map([[chosen, 0]])
  for (const { by, code } of rows) if (code === undefined) counts.set(by, (counts.get(by) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return most === 0 ? null : [...counts].find(([, count]) => count === most)![0]
}
