import { FileWatch } from '../../lib/files/fileWatch'
import { textIfReadable } from '../../lib/files/readTextFile'

/** The polling interval where the system reports no changes. */
const pollMs = 250

/** Watches a changing set of files. A missing file is watched as well, since it may be created. */
export class FollowedFiles {
  private readonly watches = new Map<string, FileWatch>()

  /** Calls `onChange` whenever a file's text changes, or the file is created or deleted. */
  constructor(private readonly onChange: (file: string) => void) {}

  /** Watches exactly these files from now on, by absolute path. Those watched before keep their last known text. */
  follow(files: Iterable<string>): void {
    const wanted = new Set(files)
    for (const [file, watch] of this.watches) {
      if (wanted.has(file)) continue
      watch.stop()
      this.watches.delete(file)
    }
    for (const file of wanted) if (!this.watches.has(file)) this.watches.set(file, this.watch(file))
  }

  followToo(files: Iterable<string>): void {
    this.follow([...this.watches.keys(), ...files])
  }

  stop(): void {
    this.follow([])
  }

  private watch(file: string): FileWatch {
    const text = textIfReadable(file)
    let isKnownMissing = text === undefined
    const changed = () => {
      // It may have been created before the watch looked for the first time.
      isKnownMissing = false
      this.onChange(file)
    }
    return new FileWatch({
      file,
      text: text ?? '',
      pollMs,
      onChange: changed,
      onMissing: () => {
        if (!isKnownMissing) changed()
        isKnownMissing = false
      },
      onFound: changed,
    })
  }
}
