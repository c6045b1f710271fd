import { show } from '../../../lib/errors'

/** The kind of value that a column of a graph's input takes. */
export type SampleKind = 'Int' | 'Float' | 'Boolean' | 'String'

/** The value of a cell for a column of this kind. Text is parsed if the file is text, as CSV is. Null stays null. */
export function sampleValue(value: unknown, kind: SampleKind, isText: boolean): unknown {
  if (value === null) return null
  if (kind === 'String') return String(value)
  if (!isText) return kind === 'Boolean' || typeof value === 'boolean' ? value : Number(value)
  if (/^(true|false)$/i.test(String(value))) return String(value).toLowerCase() === 'true'
  return Number(value)
}

/** Whether a column holds true and false alone, and may stand for numbers. */
export function areFlags(values: readonly unknown[], isText: boolean): boolean {
  const present = values.filter((value) => value !== null)
  return present.length > 0 && present.every((value) => sampleProblem(value, 'Boolean', isText) === undefined)
}

/** What is wrong with a cell, as `must be X, got Y`; undefined if nothing is. */
export function sampleProblem(value: unknown, kind: SampleKind, isText: boolean): string | undefined {
  if (value === null) return undefined
  const read = sampleValue(value, kind, isText)
  if (kind === 'String') return typeof value === 'object' ? `must be text, got ${show(value)}` : undefined
  if (kind === 'Boolean')
    return typeof read === 'boolean' ? undefined : `must be true or false, got ${show(value)}`
  // To JavaScript, blank text is the number 0.
  const isNumber = isText
    ? typeof read === 'number' && String(value).trim() !== ''
    : typeof value === 'number'
  if (!isNumber || !Number.isFinite(read)) return `must be a number, got ${show(value)}`
  return kind === 'Int' && !Number.isInteger(read) ? `must be a whole number, got ${show(value)}` : undefined
}
