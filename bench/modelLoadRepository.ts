import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../lib/packagePaths'

const original = join(packageRoot, 'examples/streaming/movielens')

/** Higher than those of the example. */
const copyNumber = 101

/**
 * A copy of the example's second repository, to which versions come and from which they go. Without blocking this thread, which has
 * the load's answers to read.
 */
export class ModelLoadRepository {
  readonly root = mkdtempSync(join(tmpdir(), 'presage-bench-models-'))

  constructor() {
    cpSync(join(original, 'models'), join(this.root, 'models'), { recursive: true })
  }

  /** Copies a version under a number of its own; yields the key of the copy. */
  async add(version: string): Promise<string> {
    const key = version.replace(/@.*/, `@${copyNumber}`)
    await cp(join(original, 'models', ...version.split('@')), this.folder(key), { recursive: true })
    const manifest = join(this.folder(key), 'model.yaml')
    const text = await readFile(manifest, 'utf8')
    await writeFile(manifest, text.replace(/^version: .*$/m, `version: "${copyNumber}"`))
    return key
  }

  remove(key: string): Promise<void> {
    return rm(this.folder(key), { recursive: true })
  }

  dispose(): void {
    rmSync(this.root, { recursive: true })
  }

  private folder(key: string): string {
    return join(this.root, 'models', ...key.split('@'))
  }
}
