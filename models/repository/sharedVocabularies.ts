import type { Vocabulary } from '../contracts/vocabulary'

/** By the file's SHA-256. */
const known = new Map<string, WeakRef<Vocabulary>>()

/** Reads a vocabulary only if no version holds one with its SHA-256: those of a model mostly share them. */
export function sharedVocabulary(sha256: string, read: () => Vocabulary): Vocabulary {
  const held = known.get(sha256)?.deref()
  if (held !== undefined) return held
  const vocabulary = read()
  for (const [key, reference] of known) if (reference.deref() === undefined) known.delete(key)
  known.set(sha256, new WeakRef(vocabulary))
  return vocabulary
}

/** The vocabularies that versions hold now, by the SHA-256 of their files. */
export function heldVocabularies(): ReadonlyMap<string, Vocabulary> {
  const held = new Map<string, Vocabulary>()
  for (const [sha256, reference] of known) {
    const vocabulary = reference.deref()
    if (vocabulary !== undefined) held.set(sha256, vocabulary)
  }
  return held
}
