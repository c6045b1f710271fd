import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { LoadError, show } from '../../lib/errors'
import { readJson } from '../../lib/readJson'
import { activationShape } from './head'
import { sha256Of, versionShape } from './ruleSetVersion'

const number = z.int().min(1)
const copySchema = z.object({
  id: z.string(),
  highest: z.int().min(0),
  active: activationShape.optional(),
  trail: z.array(number),
  pins: z.record(z.string(), number),
  hashes: z.record(z.string(), z.string()),
  versions: z.array(versionShape),
})

/**
 * A node's copy of its store: enough to start and serve without the store, and to restore it. `hashes` are those of
 * every version ever seen, by number. `versions` are the named and the latest ones, with their texts.
 */
export type NodeCopy = Readonly<z.infer<typeof copySchema>>

/** Undefined if the file does not exist. Throws a LoadError with one problem if it is not a valid copy. */
export function readNodeCopy(file: string): NodeCopy | undefined {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') return undefined
    throw new LoadError([`${file}: must be a copy of a rule store, got ${code ?? message}`])
  }
  return parseNodeCopy(text, file)
}

/** Throws a LoadError with one problem, which names `file`. */
export function parseNodeCopy(text: string, file: string): NodeCopy {
  const fail = (what: string) => new LoadError([`${file}: must be a copy of a rule store, ${what}`])
  const value = readJson(text)
  if (value === undefined) throw fail(`got ${show(text)}`)
  const parsed = copySchema.safeParse(value)
  if (!parsed.success) {
    const [{ path, message }] = parsed.error.issues
    throw fail(`${path.join('.') || 'all of it'}: ${message}`)
  }
  const copy = parsed.data
  const broken = copy.versions.find((version) => sha256Of(version.text) !== version.sha256)
  if (broken !== undefined) throw fail(`got a text of version ${broken.number} that does not match its hash`)
  const { active } = copy
  if (active !== undefined && !copy.versions.some((version) => version.number === active.number)) {
    throw fail(`got no text of version ${active.number}, which is active`)
  }
  return copy
}
