import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import type { Started } from '../startProcess'
import { startWorker } from '../startWorker'
import { loadedVersionsOf, loadsOf } from './counts'
import { nameOf, writeVersions } from './versions'

/** `presage worker` with many versions. */
export interface ManyModelsWorker extends Started {
  /** A request of one row to the n-th version. */
  requestOf(version: number): { readonly url: string; readonly path: string; readonly body: Buffer }
  /** How many versions have been loaded because they were asked, so far. */
  loads(): Promise<number>
  loadedVersions(): Promise<number>
}

/** Writes the versions into the folder, and serves them. */
export async function startManyModels(
  folder: string,
  versions: number,
  budget: string,
): Promise<ManyModelsWorker> {
  writeVersions(folder, versions)
  cpSync(join(packageRoot, 'examples/streaming/objectives'), join(folder, 'objectives'), { recursive: true })
  const config = join(folder, 'presage.yaml')
  writeFileSync(config, `repositories: [.]\nworker: { modelMemory: ${budget}, drain: 0ms }\n`)
  const started = await startWorker(config, 'main', [0, 0])
  const { url } = started
  const metadata = await (await fetch(`${url}/v2/models/${nameOf(0)}`)).json()
  const { inputs } = metadata as { readonly inputs: readonly Input[] }
  const body = Buffer.from(JSON.stringify({ inputs: inputs.map(rowOf) }))
  return {
    ...started,
    requestOf: (version) => ({ url, path: `/v2/models/${nameOf(version)}/versions/1/infer`, body }),
    loads: () => loadsOf(url),
    loadedVersions: () => loadedVersionsOf(url),
  }
}

interface Input {
  readonly name: string
  readonly datatype: string
  readonly shape: readonly number[]
}

function rowOf({ name, datatype, shape: [, ...tail] }: Input): object {
  const items = tail.reduce((product, size) => product * size, 1)
  return { name, datatype, shape: [1, ...tail], data: new Array(items).fill(1) }
}
