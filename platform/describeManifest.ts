import type { Manifest } from '../models/contracts/manifest'
import { describeInput } from './describeSpec'

/** What the type `Model` shows of a manifest; of one that could not be read, nothing. */
export function describeManifest(manifest: Manifest | undefined) {
  return {
    platform: manifest?.platform ?? 'onnx',
    description: manifest?.description,
    owner: manifest?.owner,
    licence: manifest?.licence,
    sha256: manifest?.graph.sha256,
    metrics: Object.entries(manifest?.metrics ?? {}).map(([name, value]) => ({ name, value })),
    serves: manifest?.serves ?? [],
    features: (manifest?.features ?? []).map(describeInput),
    preprocess: steps(manifest?.preprocess),
    postprocess: steps(manifest?.postprocess),
  }
}

function steps(map: Manifest['preprocess'] = {}) {
  return Object.entries(map).map(([name, step]) => ({ name, step }))
}
