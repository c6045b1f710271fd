import { generateFunction, maxGenerated } from '../../lib/execution/generatedCode'
import type { Completer } from './compilePlace'
import { jsonText } from './jsonText'

/** A field of an object of the answer. */
export interface TextField {
  /** The client's name for it. */
  readonly responseKey: string
  /** Its key in the merged data. */
  readonly key: string
  readonly complete: Completer
  /** A scalar that needs nothing but to be written; `complete` is for its nulls, where they are not allowed. */
  readonly isScalar: boolean
}

/**
 * Compiles the text of objects with these fields. Names are written out as code, for the engine reads `object.name`
 * several times as fast as `object[name]` where the same line meets many names. Undefined where no code is made.
 */
export function compileObjectText(fields: readonly TextField[]): Completer | undefined {
  if (fields.length === 0) return () => '{}'
  if (fields.length > maxGenerated) return undefined
  const lines = fields.map(({ responseKey, key, isScalar }, at) => {
    const completed = `completion.path[depth] = '${key}'
      part = complete${at}(value.${key}, completion, depth + 1)
      if (part === undefined) return null`
    const read = `part = jsonText(value.${key})
      if (part === null) {
      ${completed}
      }`
    return `${isScalar ? read : completed}
      text ${at === 0 ? "= '{" : "+= ',"}"${responseKey}":' + (part ?? 'null')`
  })
  const body = `return function objectText(value, completion, depth) {
      completion.values += ${fields.length}
      let text
      let part
      ${lines.join('\n      ')}
      return text + '}'
    }`
  const completers = fields.map(({ complete }, at) => [`complete${at}`, complete])
  return generateFunction<Completer>({ jsonText, ...Object.fromEntries(completers) }, body)
}
