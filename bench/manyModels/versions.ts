import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { lengthField } from '../../workers/runtime/protobuf'

/** Boosted trees, 0.4 MB each. */
const original = join(packageRoot, 'examples/streaming/models/payment-risk/3')

/** The n-th model's. It has one version, 1. */
export function nameOf(version: number): string {
  return `risk-${String(version).padStart(4, '0')}`
}

/** Writes so many models with a version each into the folder of a repository. */
export function writeVersions(folder: string, versions: number): void {
  for (let version = 0; version < versions; version++) writeVersion(folder, version)
}

/** A copy under another name, whose graph has another digest. */
function writeVersion(folder: string, version: number): void {
  const name = nameOf(version)
  const directory = join(folder, 'models', name, '1')
  mkdirSync(directory, { recursive: true })
  cpSync(original, directory, { recursive: true })
  const docString = lengthField(6, name)
  const graph = Buffer.concat([readFileSync(join(original, 'model.onnx')), docString])
  writeFileSync(join(directory, 'model.onnx'), graph)
  const digest = createHash('sha256').update(graph).digest('hex')
  const manifest = readFileSync(join(original, 'model.yaml'), 'utf8')
    .replace(/^name: .*$/m, `name: ${name}`)
    .replace(/^version: .*$/m, 'version: "1"')
    .replace(/^ {2}bytes: .*$/m, `  bytes: ${graph.length}`)
    .replace(/^ {2}sha256: .*$/m, `  sha256: "${digest}"`)
  writeFileSync(join(directory, 'model.yaml'), manifest)
}
