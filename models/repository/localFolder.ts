import { realpath, statfs } from 'node:fs/promises'

/**
 * Whether the folders are on file systems of this machine, and under their real paths. Then the system reports every
 * change in them: it does not report what other machines change, nor that a link above a folder leads elsewhere.
 */
export async function areLocal(folders: readonly string[]): Promise<boolean> {
  try {
    for (const folder of folders) {
      if ((await realpath(folder)) !== folder || !localTypes.has((await statfs(folder)).type)) return false
    }
    return true
  } catch {
    return false
  }
}

/** Types of local file systems on Linux: ext, XFS, Btrfs, tmpfs, overlay, F2FS and ZFS. */
const localTypes: ReadonlySet<number> = new Set([
  0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0xf2f52010, 0x2fc12fc1,
])
