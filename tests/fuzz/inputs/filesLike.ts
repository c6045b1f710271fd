import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { anyText, anyValue, changedTree, editedText } from '../arbitraries'

/** Half of the inputs are real files with a few changes to their text, the rest changed trees and whatever else is text. */
export function filesLike(sources: readonly string[], words: readonly string[]): fc.Arbitrary<string> {
  const texts = sources.map((source) => source.replace(/^ *#.*\n/gm, ''))
  const trees = texts.map((text): unknown => parse(text))
  // JSON is YAML too, and quick to write; what JSON cannot say (NaN, infinity) is written as YAML.
  const tree = changedTree(trees, words)
  return fc.oneof(
    { weight: 5, arbitrary: editedText(texts) },
    { weight: 8, arbitrary: tree.map((value) => JSON.stringify(value) ?? '') },
    { weight: 1, arbitrary: tree.map((value) => stringify(value, { schema: 'core' })) },
    { weight: 1, arbitrary: anyValue.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.array(anyText, { maxLength: 12 }).map((parts) => parts.join('')) },
  )
}
