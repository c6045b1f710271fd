import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { replaceDurably } from './durableFile'
import type { NodeCopy } from './nodeCopy'

/** Keeps a node's copy on its own disk: the newest one, whenever the one before is written. What fails is told once until it works again. */
export class CopyFile {
  private written = ''
  private next: NodeCopy | undefined
  private writing: Promise<void> | undefined
  private hasFailed = false

  constructor(
    private readonly file: string,
    private readonly log: (line: string) => void,
  ) {}

  write(copy: NodeCopy): void {
    this.next = copy
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined
    })
  }

  /** Settles when nothing is being written. */
  async settled(): Promise<void> {
    await this.writing
  }

  private async writeAll(): Promise<void> {
    while (this.next !== undefined) {
      const text = JSON.stringify(this.next)
      this.next = undefined
      if (text === this.written) continue
      try {
        await mkdir(dirname(this.file), { recursive: true })
        await replaceDurably(this.file, text)
        this.written = text
        this.hasFailed = false
      } catch (error) {
        if (!this.hasFailed) {
          this.log(`the copy of the rules cannot be kept on disk: ${(error as Error).message}`)
        }
        this.hasFailed = true
      }
    }
  }
}
