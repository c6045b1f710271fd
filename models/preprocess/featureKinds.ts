import type { ValueType } from '../types/valueType'
import type { FeatureKind } from './step'

export const aNumber = kindOf('Int or Float', ['Int', 'Float'])
export const aNumberOrFlag = kindOf('Int, Float or Boolean', ['Int', 'Float', 'Boolean'])
export const aWord = kindOf('String, ID, enum, Int or Boolean', ['String', 'ID', 'enum', 'Int', 'Boolean'])
export const anId = kindOf('ID, String, enum or Int', ['ID', 'String', 'enum', 'Int'])
export const aText = kindOf('String', ['String'])

export const aList: FeatureKind = { words: 'a list', takes: (type) => type.kind === 'list' }

/** A list of what `kind` takes. */
export function listOf(kind: FeatureKind): FeatureKind {
  return { words: `a list of ${kind.words}`, takes: (type) => type.kind === 'list' && kind.takes(type.of) }
}

function kindOf(words: string, kinds: readonly ValueType['kind'][]): FeatureKind {
  return { words, takes: (type) => kinds.includes(type.kind) }
}
