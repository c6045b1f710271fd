import type { Manifest } from '../models/contracts/manifest'
import { describeInput } from './describeSpec'

/** The fields of the GraphQL type `Model` that come from the manifest; empty for one that could not be read. */
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
