import { readFileSync } from 'node:fs'
import { FileWatch } from '../../lib/files/fileWatch'

/** How soon a change is found where the system tells of none. */
const pollMs = 250

/** Files that are watched, a changing set of them. A file that is not there is one that may come. */
export class FollowedFiles {
  private readonly watches = new Map<string, FileWatch>()

  /** `onChange` is told whenever one of them holds another text, has come or has gone. */
  constructor(private readonly onChange: (file: string) => void) {}

  /** Watches just these from now on, absolute paths; those that were watched before go on from what they held. */
  follow(files: Iterable<string>): void {
    const wanted = new Set(files)
    for (const [file, watch] of this.watches) {
      if (wanted.has(file)) continue
      watch.stop()
      this.watches.delete(file)
    }
    for (const file of wanted) if (!this.watches.has(file)) this.watches.set(file, this.watch(file))
  }

  /** Watches these as well. */
  followToo(files: Iterable<string>): void {
    this.follow([...this.watches.keys(), ...files])
  }

  stop(): void {
    this.follow([])
  }

  private watch(file: string): FileWatch {
    const text = textOf(file)
    let isMissing = text === undefined
    return new FileWatch({
      file,
      text: text ?? '',
      pollMs,
      onChange: () => {
        isMissing = false
        this.onChange(file)
      },
      onMissing: () => {
        if (!isMissing) this.onChange(file)
        isMissing = true
      },
    })
  }
}

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
