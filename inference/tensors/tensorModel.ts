import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import type { FeatureSpec } from '../../models/contracts/manifest'
import type { Model } from '../../models/contracts/model'
import type { GraphSignature } from '../../models/types/tensor'
import { joinRuns, type RowSource, type Run } from './rowSource'

/**
 * A version as its graph sees it, for a queue of tensors: a row is a request's tensors and its place in them. So the
 * rows of all connections are batched as those of a graph's fields are, and are copied only when the batch is built.
 *
 * Requests to a graph with an input of any width cannot be joined, since their widths may differ: there, a row of the
 * queue is a whole request.
 */
export function tensorModel(model: Model, joins: boolean): Model {
  const { key, manifest } = model
  return {
    key,
    manifest: joins ? manifest : { ...manifest, batching: { ...manifest.batching, maxRows: 1 } },
    features: [feature('tensors'), feature('place')],
    identity: [0, 1],
    outputs: [],
    samples: {},
    validate: (raw) => ({ columns: raw as readonly Column[], errors: undefined }),
    preprocess: (columns, rows) => buildBatch(columns, rows, joins),
    checkOutputs: joins ? model.checkOutputs : () => {},
    postprocess() {
      invariant(false, 'tensors are answered as they are')
    },
  }
}

/** The columns of a request's rows, for `tensorModel`. */
export function tensorColumns(source: RowSource, joins: boolean): readonly Column[] {
  if (!joins) return [[source], [0]]
  const places: number[] = []
  for (let row = 0; row < source.rows; row++) places.push(row)
  return [new Array<RowSource>(source.rows).fill(source), places]
}

/** Whether requests to a graph can be joined: no input has a variable dimension beside the first. */
export function joinsRequests({ inputs }: GraphSignature): boolean {
  return inputs.every(({ shape }) => shape.slice(1).every((size) => typeof size === 'number'))
}

function buildBatch(columns: readonly Column[], rows: number, joins: boolean) {
  const sources = columns[0] as readonly RowSource[]
  if (!joins) return joinRuns([{ source: sources[0], from: 0, rows: sources[0].rows }], sources[0].rows)
  const places = columns[1] as readonly number[]
  const runs: Run[] = []
  for (let row = 0; row < rows; ) {
    const source = sources[row]
    const from = places[row]
    let count = 1
    while (row + count < rows && sources[row + count] === source && places[row + count] === from + count)
      count++
    runs.push({ source, from, rows: count })
    row += count
  }
  return joinRuns(runs, rows)
}

function feature(name: string): FeatureSpec {
  return { name, input: name, type: { kind: 'String' }, nullable: false, onNull: 'error' }
}
