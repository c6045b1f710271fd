import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { nextTurn } from '../../lib/scheduling/turns'
import type { GraphFile, RemoteNames } from '../../models/contracts/manifest'
import { externalFiles } from './externalFiles'
import { type PlainModel, plainMaps } from './plainMaps'

/** How to load a graph, besides the path of its file. */
export interface GraphOptions {
  /** The SHA-256 of the graph's file; default unchecked. */
  readonly sha256?: string
  /** Files with weights of the graph, in the same folder. */
  readonly data?: readonly GraphFile[]
  /** The outputs that runs yield; default all. */
  readonly outputs?: readonly string[]
  /** What a worker on another machine calls it. */
  readonly remote?: RemoteNames
  /** A hash of all files of the version, by which a worker on another machine tells that it has the same. */
  readonly contentHash?: string
}

/** A graph in the form that the runtime loads. */
export interface GraphFiles extends PlainModel {
  readonly name: string
  readonly sha256: string
  /** The files with weights, under the names that the graph has for them. */
  readonly externalData: { path: string; data: Uint8Array }[]
}

/**
 * Reads a graph and the files with its weights. Rejects with a message if a file cannot be read, if its SHA-256
 * differs, or if the graph refers to a file that `data` does not list: the runtime would read that file from the
 * process's working directory, and nobody would check it.
 */
export async function readGraph(graphPath: string, { sha256, data = [] }: GraphOptions): Promise<GraphFiles> {
  const graph = await readVerified(graphPath, sha256)
  const name = basename(graphPath)
  const stray = filesOf(graph.bytes, name).find((file) => data.every((known) => known.file !== file))
  if (stray !== undefined)
    throw new Error(`${name}: has weights in another file, which graph.data must list, got ${stray}`)
  const externalData = []
  for (const { file, sha256: ofFile } of data) {
    const { bytes } = await readVerified(join(dirname(graphPath), file), ofFile)
    externalData.push({ path: file, data: bytes })
  }
  return { name, ...plainMaps(graph.bytes), sha256: graph.sha256, externalData }
}

function filesOf(model: Buffer, name: string): readonly string[] {
  try {
    return externalFiles(model)
  } catch (error) {
    throw new Error(`${name}: must be a whole ONNX model, got: ${(error as Error).message}`)
  }
}

async function readVerified(
  path: string,
  expected: string | undefined,
): Promise<{ readonly bytes: Buffer; readonly sha256: string }> {
  // Messages name the file but never its folder, because clients may see them.
  const name = basename(path)
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      `${name}: must be a readable file, got ${error.code === 'ENOENT' ? 'no such file' : error.code}`,
    )
  })
  const sha256 = await digestOf(bytes)
  if (expected !== undefined && sha256 !== expected) {
    throw new Error(`${name}: must not change once published, got SHA-256 ${sha256} instead of ${expected}`)
  }
  return { bytes, sha256 }
}

/** Few enough bytes to hash without blocking noticeably. */
const hashedInTurn = 1 << 16

/** Hashes over several turns, since sessions are opened on the HTTP thread too. */
async function digestOf(bytes: Buffer): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < bytes.length; at += hashedInTurn) {
    hash.update(bytes.subarray(at, at + hashedInTurn))
    await nextTurn()
  }
  return hash.digest('hex')
}
