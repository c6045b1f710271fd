import type { Decision } from './decision'

/** One entry of `extensions.presage.predictions`, as far as it is read here. An error may come before a decision. */
export interface PastedEntry extends Partial<Decision> {
  readonly path?: string
  readonly objective?: string
  readonly ruleSet?: number
}

/** The entries of pasted answers, or of their extensions, or of what they hold; a sentence if that fails. */
export function readPasted(text: string): readonly PastedEntry[] | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return `This is not JSON: ${(error as Error).message}`
  }
  // The answer to a body with several operations is a list of answers.
  const entries = listOf(value).flatMap(predictionsOf).filter(isEntry).map(withoutNulls)
  if (entries.length === 0)
    return 'It has no explanation: paste an answer whose extensions.presage.predictions lists predictions.'
  // Each is an entry if nothing is wrong with any.
  return entries.flatMap(mistakesOf)[0] ?? (entries as unknown as readonly PastedEntry[])
}

function predictionsOf(answer: unknown): readonly unknown[] {
  let value = answer
  for (const key of ['extensions', 'presage', 'predictions']) {
    if (isObject(value) && key in value) value = value[key]
  }
  return listOf(value)
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value]
}

function isEntry(value: unknown): value is Record<string, unknown> {
  return isObject(value) && (('model' in value && 'reason' in value) || 'error' in value)
}

/** The graph writes a null where an explanation has nothing. */
function withoutNulls(entry: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== null))
}

function mistakesOf(entry: Record<string, unknown>, at: number): string[] {
  return Object.entries(shapes)
    .filter(([key, { holds }]) => key in entry && !holds(entry[key]))
    .map(([key, { is }]) => `Prediction ${at + 1}: ${key} must be ${is}, got ${JSON.stringify(entry[key])}.`)
}

interface Shape {
  /** What a value must be, in words. */
  readonly is: string
  holds(value: unknown): boolean
}

const aText: Shape = { is: 'a text', holds: (value) => typeof value === 'string' }
const aNumber: Shape = {
  is: 'a whole number, 0 or more',
  holds: (value) => Number.isSafeInteger(value) && Number(value) >= 0,
}
const texts: Shape = {
  is: 'a list of texts',
  holds: (value) => Array.isArray(value) && value.every(aText.holds),
}
const aFallback: Shape = {
  is: 'an object with the texts by and code',
  holds: (value) => isObject(value) && aText.holds(value['by']) && aText.holds(value['code']),
}

const shapes: Readonly<Record<keyof PastedEntry, Shape>> = {
  path: aText,
  objective: aText,
  ruleSet: aNumber,
  model: aText,
  shard: aText,
  reason: aText,
  rule: aText,
  experiment: aText,
  cell: aText,
  bucket: aNumber,
  shadows: texts,
  flags: texts,
  fallback: aFallback,
  error: aText,
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
