import { type Asked, type AskedField, type Row, type Version, versions, type World } from './world'

/**
 * What requests must leave behind, as the documentation tells it: one row after the other, in maps and lists, with nothing
 * shared with the product.
 */
export class Specification {
  /** By metric and labels, as `CountedMetrics.bySeries` writes them. */
  readonly counts: Record<string, Record<string, number>> = {}
  /** The rows that reached a version, since the last look. */
  runs: string[] = []
  private now = 0
  /** By version, objective and row, until when its answer is kept. */
  private readonly kept = new Map<string, number>()

  constructor(private readonly world: World) {}

  ask(asked: Asked): void {
    this.now += asked.afterMs
    const request: RequestState = { asked, outcomes: new Map() }
    for (const field of asked.fields) this.answer(field, request)
  }

  private answer({ asks, rows, wanted }: AskedField, request: RequestState): void {
    const key = this.world.rules[asks].default as string
    for (const row of rows) {
      const code = this.askVersion(key, asks, row, wanted, request)
      if (code !== undefined) this.count('presage_prediction_failures_total', { asked: asks, code })
    }
  }

  /** The code of the row's error, if it has one. */
  private askVersion(
    key: string,
    objective: string,
    row: Row,
    wanted: AskedField['wanted'],
    { asked, outcomes }: RequestState,
  ): string | undefined {
    const version = versions[key]
    if (!takes(version, row)) return 'BAD_FEATURE'
    const identity = `${key} ${objective} ${row.x} ${version.readsK ? row.k : ''}`
    if (!outcomes.has(identity)) outcomes.set(identity, this.lookUp(identity, key, objective, row, asked))
    return outcomes.get(identity) ?? (row.x === version.bad && wanted.includes('y') ? 'BAD_OUTPUT' : undefined)
  }

  /** Equal rows of a request are looked up, and run, once. */
  private lookUp(identity: string, key: string, objective: string, row: Row, { bypasses }: Asked) {
    const version = versions[key]
    const { ttlMs } = this.world.objectives[objective]
    const labels = { objective, model: key }
    if (ttlMs !== undefined && bypasses) this.count('presage_cache_bypassed_total', labels)
    else if (ttlMs !== undefined) {
      if (this.now < (this.kept.get(identity) ?? 0)) {
        this.count('presage_cache_hits_total', labels)
        return undefined
      }
      this.count('presage_cache_misses_total', labels)
      if (row.x !== version.refuses && row.x !== version.bad) this.kept.set(identity, this.now + ttlMs)
    }
    this.runs.push(`${key} ${row.x} ${version.readsK ? row.k : ''}`)
    return row.x === version.refuses ? 'INFERENCE_FAILED' : undefined
  }

  private count(name: string, labels: Readonly<Record<string, string>>, by = 1): void {
    const series = Object.entries(labels)
      .filter(([, value]) => value !== '')
      .map(([label, value]) => `${label}=${value}`)
      .join(' ')
    this.counts[name] ??= {}
    this.counts[name][series] = (this.counts[name][series] ?? 0) + by
  }
}

interface RequestState {
  readonly asked: Asked
  /** By version, objective and row, the code of what the graph made of it; undefined if it answered. */
  readonly outcomes: Map<string, string | undefined>
}

function takes({ nullable, most }: Version, { x }: Row): boolean {
  return x === null ? nullable : x >= 0 && x <= most
}
