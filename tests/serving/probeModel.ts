import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import type { Model } from '../../models/contracts/model'
import { parseObjective } from '../../models/objectives/parseObjective'
import { RowErrorList } from '../../models/validation/validateRows'
import { compileValidator } from '../../models/validation/validator'
import { numberModel } from '../support/numberModel'

/** A row as it reached the model, by feature. */
export type ProbedRow = Readonly<Record<string, unknown>>

/** Makes an output's value of a row, and of what the worker made of its `x`; an error instead is the row's. */
export type MakeOutput = (row: ProbedRow, y: number) => unknown

/** Rows that went to a worker together. */
export interface ProbedBatch {
  readonly key: string
  readonly rows: readonly ProbedRow[]
}

/** What a test says of a model. */
export interface ProbeSpec {
  /** `name@version` */
  readonly key: string
  /** As an objective's `inputs` and `outputs` are written. */
  readonly features: string
  readonly outputs: string
  /** By output; `seen` is the row as JSON unless said. */
  readonly make?: Readonly<Record<string, MakeOutput>>
  /** Features that make a row the same; all unless said. */
  readonly identity?: readonly string[]
  readonly maxRows?: number
  /** Objectives that overrides may send to it; none unless said. */
  readonly serves?: readonly string[]
}

/** A model whose answers tell what reached it. The batches that it builds are pushed to `batches`. */
export function probeModel(spec: ProbeSpec, batches: ProbedBatch[]): Model {
  const { inputs, outputs } = parseObjective(
    `objective: PROBE\ndescription: probe\ninputs: ${spec.features}\noutputs: ${spec.outputs}`,
    spec.key,
  )
  const features = inputs.map((input) => ({ ...input, input: input.name }))
  const validators = features.map(compileValidator)
  const names = features.map(({ name }) => name)
  const rowOf = (columns: readonly Column[], row: number): ProbedRow =>
    Object.fromEntries(names.map((name, feature) => [name, columns[feature][row]]))
  const make: Readonly<Record<string, MakeOutput>> = { seen: (row) => JSON.stringify(row), ...spec.make }
  const plain = numberModel(spec.key, { maxRows: spec.maxRows ?? 1000 })
  return {
    ...plain,
    manifest: { ...plain.manifest, serves: spec.serves ?? [] },
    features,
    identity: (spec.identity ?? names).map((name) => names.indexOf(name)),
    outputs,
    validate(raw, rows) {
      const errors = new RowErrorList(rows)
      const columns = validators.map((validator, feature) =>
        validator.column(raw[feature], rows, (row, { expectation, got }) => {
          errors.add(
            row,
            () =>
              new PresageError('BAD_FEATURE', `${names[feature]}: ${expectation}, got ${got}`, {
                input: names[feature],
              }),
          )
        }),
      )
      return { columns, errors: errors.errors }
    },
    preprocess(columns, rows) {
      batches.push({ key: spec.key, rows: Array.from({ length: rows }, (_, row) => rowOf(columns, row)) })
      const x = columns[names.indexOf('x')] ?? new Array(rows).fill(0)
      return { x: { type: 'float32', dims: [rows], data: Float32Array.from(x as number[]) } }
    },
    postprocess(tensors, columns, rows, wanted, tensorRow) {
      const errors = new RowErrorList(rows)
      const built = wanted.map((output) => {
        const column = Array.from({ length: rows }, (_, row) => {
          const y = Number(tensors.y.data[tensorRow?.[row] ?? row])
          const value = make[output](rowOf(columns, row), y)
          if (!(value instanceof PresageError)) return value
          errors.add(row, () => value)
          return null
        })
        return [output, column] as const
      })
      return { outputs: Object.fromEntries(built), errors: errors.errors }
    },
  }
}
