import { join } from 'node:path'
import { InferenceSession } from 'onnxruntime-node'
import { packageRoot } from '../lib/packagePaths'

const streaming = join(packageRoot, 'examples/streaming')

/** The two repositories of the example, and what they hold. */
const folders: Readonly<Record<string, string>> = {
  'abuse-score': join(streaming, 'models'),
  'payment-risk': join(streaming, 'models'),
  'rating-predictor': join(streaming, 'movielens/models'),
  'title-recommender': join(streaming, 'movielens/models'),
}

/** The folder of a model version of the example, such as `abuse-score@1`. */
export function versionFolder(model: string): string {
  const [name, version] = model.split('@')
  return join(folders[name], name, version)
}

/** Opens the graph of a model version of the example, one thread an inference. */
export function openGraph(model: string): Promise<InferenceSession> {
  const file = join(versionFolder(model), 'model.onnx')
  return InferenceSession.create(file, { intraOpNumThreads: 1, interOpNumThreads: 1 })
}
