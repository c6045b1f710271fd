import { isResponseObject } from './responseData'

/** So many characters of a message at most, and dots for the rest. */
export function shortMessage(message: string, longest: number): string {
  return message.length > longest ? `${message.slice(0, longest)}...` : message
}

/** The extensions of an error if they are no longer than that as JSON; else only their code. */
export function shortExtensions(extensions: unknown, longest: number): unknown {
  if (!isResponseObject(extensions) || lengthOf(extensions) <= longest) return extensions
  const { code } = extensions
  return typeof code === 'string' && code.length <= longest ? { code } : undefined
}

/** In characters, as JSON. */
export function lengthOf(value: object): number {
  try {
    return JSON.stringify(value).length
  } catch {
    // It nests too deep to be written, here and in the answer.
    return Number.POSITIVE_INFINITY
  }
}
