import type { Decision } from './DecisionDrawn'

/** One entry of `extensions.presage.predictions`, as far as it is read here. */
export interface PastedEntry extends Decision {
  readonly path?: string
  readonly objective?: string
  readonly ruleSet?: number
}

/** The entries of a pasted answer, or of its extensions, or of what they hold; a sentence if there are none. */
export function readPasted(text: string): readonly PastedEntry[] | string {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    return `This is not JSON: ${(error as Error).message}`
  }
  for (const key of ['extensions', 'presage', 'predictions']) {
    if (isObject(value) && key in value) value = value[key]
  }
  const entries = (Array.isArray(value) ? value : [value]).filter(isEntry)
  return entries.length > 0
    ? entries
    : 'It has no explanation: paste an answer whose extensions.presage.predictions lists predictions.'
}

function isEntry(value: unknown): value is PastedEntry {
  return isObject(value) && typeof value['model'] === 'string' && typeof value['reason'] === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
