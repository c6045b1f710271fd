import { statSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { LoadError } from '../../../lib/errors'
import { unreadable } from '../../../lib/files/readTextFile'
import { shortPath } from '../../../lib/packagePaths'
import type { GraphFile } from '../../../models/contracts/manifest'
import { fileDigest } from '../../../models/repository/fileDigest'
import type { ClassLabels, GraphSignature } from '../../../models/types/tensor'
import { externalFiles } from '../../../workers/runtime/externalFiles'
import { readGraph } from '../../../workers/runtime/graphFiles'
import { openSession } from '../../../workers/runtime/onnx'
import { classifierLabels, hasTrees, producerOf } from './modelProto'
import { openPlainSession, type PlainSession } from './plainSession'

/** What an ONNX file says about its graph. */
export interface GraphFacts extends GraphSignature {
  readonly path: string
  readonly sha256: string
  readonly bytes: number
  /** Files in the same folder that hold the weights. */
  readonly data: readonly GraphFile[]
  /** The program that wrote the file, such as `skl2onnx 1.20.0`; empty if unknown. */
  readonly producer: string
  readonly hasTrees: boolean
  /** The classifier's labels, in the order of its probabilities. */
  readonly labels?: ClassLabels
  /** The bare runtime with the graph, without its maps of probabilities. */
  readonly session: PlainSession
}

/** Reads a graph and loads it. Throws a LoadError if the file is not a graph, or the runtime refuses it. */
export async function readFacts(path: string): Promise<GraphFacts> {
  const refuse = (error: Error): never => {
    throw new LoadError([
      `${shortPath(path)}: must be an ONNX graph that the runtime loads, got: ${error.message}`,
    ])
  }
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException): never => {
    throw unreadable(path, error)
  })
  const external = await Promise.resolve(bytes).then(externalFiles).catch(refuse)
  const data = external.map((file) => dataFile(dirname(path), file))
  const { model, classes, sha256, externalData } = await readGraph(path, { data }).catch(refuse)
  const { signature } = await openSession(path, { data }).catch(refuse)
  const session = await openPlainSession(model, externalData).catch(refuse)
  const labels = [...classes.values()][0] ?? classifierLabels(bytes)
  return {
    path,
    sha256,
    bytes: bytes.length,
    data,
    producer: producerOf(bytes),
    hasTrees: hasTrees(bytes),
    ...signature,
    ...(labels && { labels }),
    session,
  }
}

function dataFile(folder: string, file: string): GraphFile {
  const path = join(folder, basename(file))
  try {
    return { file, bytes: statSync(path).size, sha256: fileDigest(path) }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new LoadError([
      `${shortPath(path)}: must be there, since the graph has its weights in it, got ${code}`,
    ])
  }
}
