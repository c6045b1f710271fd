import { dirname } from 'node:path'
import { makeFolder } from '../../lib/files/makeFolder'
import { memoizedWeakly } from '../../lib/memoized'
import { replaceDurably } from '../store/durableFile'
import type { NodeCopy } from '../store/nodeCopy'
import type { RuleSetVersion } from '../store/ruleSetVersion'

/** Writes a node's newest copy to its disk, one write at a time. Logs a failure once, until a write succeeds. */
export class CopyFile {
  /** What was written last, without the texts. */
  private written = ''
  private next: NodeCopy | undefined
  private isWriting = false
  private writing: Promise<void> = Promise.resolve()
  private hasFailed = false
  private readonly textOfVersion = memoizedWeakly((version: RuleSetVersion) => JSON.stringify(version))

  constructor(
    private readonly file: string,
    private readonly log: (line: string) => void,
  ) {}

  write(copy: NodeCopy): void {
    this.next = copy
    if (!this.isWriting) this.writing = this.writeAll()
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await this.writing
  }

  private async writeAll(): Promise<void> {
    this.isWriting = true
    while (this.next !== undefined) {
      const copy = this.next
      this.next = undefined
      const brief = briefOf(copy)
      if (brief === this.written) continue
      try {
        await makeFolder(dirname(this.file))
        await replaceDurably(this.file, this.textOf(copy))
        this.written = brief
        this.hasFailed = false
      } catch (error) {
        if (!this.hasFailed) {
          this.log(`the copy of the rules cannot be written to disk: ${(error as Error).message}`)
        }
        this.hasFailed = true
      }
    }
    this.isWriting = false
  }

  /** Versions never change and may be large, so each is serialized only once: requests wait meanwhile. */
  private textOf({ versions, ...small }: NodeCopy): string {
    return `${JSON.stringify(small).slice(0, -1)},"versions":[${versions.map(this.textOfVersion).join(',')}]}`
  }
}

/** Tells copies apart. Made at every look at the store, when texts would take long: a hash stands for each. */
function briefOf({ versions, ...small }: NodeCopy): string {
  return JSON.stringify([small, versions.map(({ number, sha256 }) => [number, sha256])])
}
