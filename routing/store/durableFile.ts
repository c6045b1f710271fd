import { randomUUID } from 'node:crypto'
import { fsync } from 'node:fs'
import { access, link, open, rename, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

/** By descriptor: the file handles of Yarn's Plug'n'Play have no `sync`. */
const sync = (descriptor: number) => promisify(fsync)(descriptor)

/**
 * Writes a new file. Once this resolves, its content survives a power failure, provided the folder's entry does. If it
 * rejects, as on a full disk, a part may be left.
 */
export async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w')
  try {
    await handle.writeFile(text)
    await sync(handle.fd)
  } finally {
    await handle.close()
  }
}

/** Replaces a whole file atomically: readers see the old text or the new one. */
export async function replaceDurably(file: string, text: string): Promise<void> {
  await replaceBy(writeDurably, file, text)
  await syncFolder(dirname(file))
}

/** The same for a file that need not survive a power failure. */
export function replaceWhole(file: string, text: string): Promise<void> {
  return replaceBy(writeFile, file, text)
}

async function replaceBy(
  write: (file: string, text: string) => Promise<void>,
  file: string,
  text: string,
): Promise<void> {
  const aside = besides(file)
  try {
    await write(aside, text)
    await rename(aside, file)
  } catch (error) {
    await unlink(aside).catch(() => {})
    throw error
  }
}

/**
 * Creates a file with its whole text. Returns false if the name is taken; of several concurrent callers, one succeeds.
 */
export async function linkNew(file: string, text: string): Promise<boolean> {
  const aside = besides(file)
  try {
    await writeDurably(aside, text)
    await link(aside, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await unlink(aside).catch(() => {})
  }
  await syncFolder(dirname(file))
  return true
}

export function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

function besides(file: string): string {
  return join(dirname(file), `.${randomUUID()}`)
}

/** Some systems do not let folders be opened; there the entry may not survive a power failure. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  if (handle === undefined) return
  await sync(handle.fd).catch(() => {})
  await handle.close()
}
