import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import type { Model } from '../../models/contracts/model'
import { readOutputs } from '../../models/manifest/readOutputs'
import type { GraphSignature, Tensors } from '../../models/types/tensor'
import type { Segment, Shard, SubmitOptions } from '../../workers/shard'
import { type RowSource, rowSourceOf } from './rowSource'
import { joinsRequests, tensorColumns, tensorModel } from './tensorModel'

/** A version whose tensors may be asked for. */
export interface TensorVersion {
  readonly model: Model
  /** With only the outputs that runs yield. */
  readonly signature: GraphSignature
  /** Whether the rows of several requests may run together. */
  readonly joins: boolean
}

/**
 * A shard that takes tensors as well as features. Both go through one queue of tensors, so that rows of all callers share
 * batches.
 */
export interface TensorShard extends Shard {
  /** A version that is served. */
  version(key: string): TensorVersion | undefined
  /** The tensors of a version that is or has been served. */
  signature(key: string): GraphSignature | undefined
  /**
   * Infers the rows of checked tensors. Resolves with segments as `Shard.submit` does, except that a version whose
   * requests are not joined answers them in one.
   */
  submitTensors(
    key: string,
    source: RowSource,
    options: Pick<SubmitOptions, 'deadline' | 'priority' | 'caller'>,
  ): Promise<readonly Segment[]>
}

export function createTensorShard(shard: Shard): TensorShard {
  const signatures = new Map<string, GraphSignature>()
  const versions = new Map<string, TensorVersion>()
  /** Also of versions that have left: they never change. */
  const served = new Map<string, GraphSignature>()

  async function submitTensors(
    key: string,
    source: RowSource,
    options: Parameters<Shard['submit']>[3],
  ): Promise<readonly Segment[]> {
    const version = versions.get(key)
    if (version === undefined)
      throw new PresageError('MODEL_NOT_READY', `${key} is not served on shard ${shard.name}`)
    const { joins, model } = version
    const columns = tensorColumns(source, joins)
    const segments = await shard.submit(key, columns, columns[0].length, options)
    return joins ? segments : [wholeAnswer(segments[0], model, source.rows)]
  }

  async function submitRows(
    { model }: TensorVersion,
    columns: readonly Column[],
    rows: number,
    options: SubmitOptions,
  ): Promise<readonly Segment[]> {
    let tensors: Tensors
    try {
      tensors = model.preprocess(columns, rows)
    } catch (error) {
      throw new PresageError('INFERENCE_FAILED', `${model.key}: ${(error as Error).message}`)
    }
    return submitTensors(model.key, rowSourceOf(tensors), options)
  }

  return {
    ...shard,
    async load(key, graphPath, options) {
      const signature = await shard.load(key, graphPath, options)
      signatures.set(key, signature)
      return signature
    },
    serve(model) {
      const signature = servedSignature(model, signatures.get(model.key)!)
      const joins = joinsRequests(signature)
      versions.set(model.key, { model, signature, joins })
      served.set(model.key, signature)
      shard.serve(tensorModel(model, joins))
    },
    async submit(key, columns, rows, options) {
      const version = versions.get(key)
      if (version === undefined) return shard.submit(key, columns, rows, options)
      const { maxRows } = version.model.manifest.batching
      if (version.joins || rows <= maxRows) return submitRows(version, columns, rows, options)
      // What is not joined runs as one batch.
      const parts: Promise<readonly Segment[]>[] = []
      for (let from = 0; from < rows; from += maxRows) {
        const count = Math.min(maxRows, rows - from)
        const own = columns.map((column) => column.slice(from, from + count))
        parts.push(submitRows(version, own, count, options))
      }
      return (await Promise.all(parts)).flat()
    },
    unload(key) {
      versions.delete(key)
      signatures.delete(key)
      return shard.unload(key)
    },
    version: (key) => versions.get(key),
    signature: (key) => served.get(key),
    submitTensors,
  }
}

/** The segment of a request that was one row of the queue. */
function wholeAnswer(segment: Segment, model: Model, rows: number): Segment {
  if (segment.error !== undefined) return { ...segment, rows }
  try {
    model.checkOutputs(segment.tensors, rows)
  } catch (error) {
    if (!(error instanceof PresageError)) throw error
    return { rows, error }
  }
  return { ...segment, rows }
}

function servedSignature({ manifest }: Model, { inputs, outputs }: GraphSignature): GraphSignature {
  const read = readOutputs(manifest)
  return { inputs, outputs: outputs.filter(({ name }) => read.includes(name)) }
}
