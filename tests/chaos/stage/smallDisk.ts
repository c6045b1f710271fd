import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Stage } from './stage'

/** A file system of a few megabytes that can be filled. */
export class SmallDisk {
  private constructor(readonly folder: string) {}

  /** Undefined where this user may not mount one. */
  static mount(stage: Stage): SmallDisk | undefined {
    const folder = join(stage.folder, 'disk')
    mkdirSync(folder)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' })
    } catch {
      return undefined
    }
    stage.atEnd(() => execFileSync('umount', ['--lazy', folder]))
    return new SmallDisk(folder)
  }

  /** Leaves no byte. */
  fill(): void {
    for (let part = 0; ; part++) {
      try {
        writeFileSync(join(this.folder, `filler-${part}`), Buffer.alloc(65_536))
      } catch {
        return
      }
    }
  }

  /** Takes away what `fill` wrote. */
  free(): void {
    for (let part = 0; part < 100; part++) rmSync(join(this.folder, `filler-${part}`), { force: true })
  }
}
