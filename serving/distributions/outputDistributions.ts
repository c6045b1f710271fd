import type { Clock } from '../../lib/clock'
import type { Column } from '../../lib/column'
import { addTo } from '../../lib/groups'
import type { Objective } from '../../models/contracts/objective'
import type { AnsweredRows } from '../requests/answered'
import type { PredictionRuntime } from '../requests/predictionRuntime'
import { type OutputPart, partsOf } from '../shadow/outputParts'
import type { ShadowedRows, Shadows } from '../shadow/shadows'
import { NumberScale } from './numberScale'
import { type ValueCount, ValueCounts } from './valueCounts'

/** What one version answered for one output, since somebody looks. */
export interface OutputDistribution {
  readonly objective: string
  /** `name@version`, or `constant` for a fallback. */
  readonly model: string
  readonly shadow: boolean
  /** With the field of a record: `estimate.low`. */
  readonly output: string
  readonly kind: CountedKind
  /** ISO 8601 */
  readonly since: string
  /** Rows with a value. */
  readonly count: number
  /** Of numbers: the bins' bounds, the same for all versions, and the counts between them. */
  readonly bounds?: readonly number[]
  readonly counts?: readonly number[]
  readonly values?: readonly ValueCount[]
}

export interface OutputDistributionParts {
  readonly serving: Pick<PredictionRuntime, 'answered' | 'objectives'>
  /** Absent if there are no shadows in this process. */
  readonly shadows?: Pick<Shadows, 'shadowed'>
  readonly clock: Clock
  /** Milliseconds since 1970. */
  readonly wallClock?: () => number
}

/**
 * Counts what versions answer, for clients and as shadows, while somebody looks: from the first look until 30 s after
 * the last one. Otherwise nothing listens to the answers and nothing is kept.
 */
export class OutputDistributions {
  private sample: Sample | undefined
  private stopListening: readonly (() => void)[] = []
  private cancelEnd = () => {}

  constructor(private readonly parts: OutputDistributionParts) {}

  /** What was counted so far, by objective, then output and version. The first look finds nothing. */
  look(objective?: string, model?: string): readonly OutputDistribution[] {
    const { serving, shadows, clock, wallClock = Date.now } = this.parts
    if (this.sample === undefined) {
      const sample = new Sample(new Date(wallClock()).toISOString(), serving.objectives)
      this.sample = sample
      this.stopListening = [
        serving.answered.event((rows) => sample.addAnswered(rows)),
        ...(shadows ? [shadows.shadowed((rows) => sample.addShadowed(rows))] : []),
      ]
    }
    this.cancelEnd()
    this.cancelEnd = clock.after(keptMs, () => this.end())
    return this.sample
      .list()
      .filter((one) => objective === undefined || one.objective === objective)
      .filter((one) => model === undefined || one.model === model)
  }

  dispose(): void {
    this.cancelEnd()
    this.end()
  }

  private end(): void {
    for (const stop of this.stopListening) stop()
    this.stopListening = []
    this.sample = undefined
  }
}

const keptMs = 30_000

/** What was counted since somebody looks. */
class Sample {
  private readonly objectives = new Map<string, { of: Objective; outputs: readonly OutputCounts[] }>()

  constructor(
    private readonly since: string,
    private readonly contracts: PredictionRuntime['objectives'],
  ) {}

  addAnswered({ decision, rows, prediction, fallback }: AnsweredRows): void {
    const objective = this.contracts.get(decision.objective)
    if (objective === undefined) return
    const { outputs, errors } = prediction
    const rowsBy = new Map<string, number[]>()
    for (let row = 0; row < rows; row++) {
      if (errors[row] !== undefined) continue
      addTo(rowsBy, fallback?.by[row] ?? decision.model, row)
    }
    for (const [model, own] of rowsBy) this.add(objective, { model, shadow: false }, outputs, own)
  }

  addShadowed({ objective, model, prediction, outcomes }: ShadowedRows): void {
    const answered = outcomes.flatMap((outcome, row) => (outcome === 'answered' ? [row] : []))
    this.add(objective, { model, shadow: true }, prediction.outputs, answered)
  }

  list(): readonly OutputDistribution[] {
    return [...this.objectives]
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .flatMap(([objective, { outputs }]) =>
        outputs.flatMap((output) =>
          output.list().map((distribution) => ({ objective, since: this.since, ...distribution })),
        ),
      )
  }

  private add(
    objective: Objective,
    version: Version,
    outputs: Readonly<Record<string, Column>>,
    rows: readonly number[],
  ): void {
    let known = this.objectives.get(objective.name)
    // A contract may have been replaced by one with other outputs.
    if (known?.of !== objective) {
      const counts = objective.outputs.flatMap((output) =>
        partsOf(output).flatMap((part) => {
          const kind = countedKinds.find((one) => one === part.type.kind)
          return kind === undefined ? [] : [new OutputCounts(output.name, part, kind)]
        }),
      )
      known = { of: objective, outputs: counts }
      this.objectives.set(objective.name, known)
    }
    for (const counts of known.outputs) {
      const column = Object.hasOwn(outputs, counts.output) ? outputs[counts.output] : undefined
      if (column !== undefined) counts.add(version, column, rows)
    }
  }
}

/** Nothing is counted of lists, ids and entities. */
const countedKinds = ['Int', 'Float', 'Boolean', 'String', 'enum'] as const
type CountedKind = (typeof countedKinds)[number]

interface Version {
  readonly model: string
  readonly shadow: boolean
}

type Counts = Version & { count: number } & (
    | { readonly bins: Float64Array }
    | { readonly values: ValueCounts }
  )

class OutputCounts {
  private readonly versions = new Map<string, Counts>()
  private readonly scale: NumberScale | undefined

  /** `output` is the name of the column. */
  constructor(
    readonly output: string,
    private readonly part: OutputPart,
    private readonly kind: CountedKind,
  ) {
    this.scale = kind === 'Int' ? new NumberScale(1) : kind === 'Float' ? new NumberScale(0) : undefined
  }

  add(version: Version, column: Column, rows: readonly number[]): void {
    const values: unknown[] = []
    for (const row of rows) {
      const value = this.part.read(column[row])
      if (value !== null && value !== undefined) values.push(value)
    }
    if (values.length === 0) return
    const counts = this.countsOf(version)
    if ('values' in counts) for (const value of values) counts.values.add(String(value))
    // Outputs are finite numbers: models that answer others are refused row by row.
    else this.scale!.count(counts.bins, values as number[])
    counts.count += values.length
  }

  list(): readonly Omit<OutputDistribution, 'objective' | 'since'>[] {
    const { kind } = this
    const { name } = this.part
    return [...this.versions.values()]
      .sort((one, other) => (one.model < other.model ? -1 : 1))
      .map(({ model, shadow, count, ...counts }) => {
        const head = { model, shadow, output: name, kind, count }
        if ('values' in counts) return { ...head, values: counts.values.top() }
        const bounds = this.scale!.bounds()
        return { ...head, ...(bounds && { bounds, counts: [...counts.bins] }) }
      })
  }

  private countsOf(version: Version): Counts {
    const key = `${version.model} ${version.shadow}`
    let counts = this.versions.get(key)
    if (counts === undefined) {
      counts = this.scale
        ? { ...version, count: 0, bins: this.scale.addSeries() }
        : { ...version, count: 0, values: new ValueCounts() }
      this.versions.set(key, counts)
    }
    return counts
  }
}
