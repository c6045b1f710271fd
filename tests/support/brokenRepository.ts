import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'

/** A repository with four versions, each a copy of a good one that is broken in its own way. */
export function brokenRepository(): string {
  const root = mkdtempSync(join(tmpdir(), 'presage-broken-'))
  const copy = (name: string): string => {
    const folder = join(root, 'models', name, '1')
    cpSync(join(packageRoot, 'examples/streaming/models/payment-risk/1'), folder, { recursive: true })
    edit(join(folder, 'model.yaml'), (text) => text.replace('name: payment-risk', `name: ${name}`))
    return folder
  }
  const corrupt = copy('corrupt-graph')
  const graph = readFileSync(join(corrupt, 'model.onnx'))
  graph.fill(0xff, 20, 120)
  writeFileSync(join(corrupt, 'model.onnx'), graph)
  edit(join(corrupt, 'model.yaml'), (text) =>
    text.replace(/(graph:[^}]*sha256: )["']?[0-9a-f]{64}["']?/, `$1${sha256(graph)}`),
  )

  edit(join(copy('no-manifest-grammar'), 'model.yaml'), (text) => `${text}\nfeatures: [`)
  rmSync(join(copy('no-graph'), 'model.onnx'))
  edit(join(copy('wrong-golden'), 'golden.json'), (text) =>
    text.replace(/"probability": 0\.\d+/, '"probability": 0.123'),
  )
  return root
}

function edit(file: string, change: (text: string) => string): void {
  const before = readFileSync(file, 'utf8')
  const after = change(before)
  if (after === before) throw new Error(`nothing to change in ${file}`)
  writeFileSync(file, after)
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
