import {
  Composer,
  type Document,
  type DocumentOptions,
  Lexer,
  type LineCounter,
  type ParseOptions,
  Parser,
  type SchemaOptions,
  YAMLParseError,
} from 'yaml'
import type { Pieces } from './turns'

/** Of the text that is read in one piece: a tenth of a millisecond. */
const pieceLexemes = 64

/**
 * The library's `parseDocument` in pieces: the first document of a text, with an error where another follows. `lines` gets the
 * places of the lines.
 */
export function* documentPieces(
  text: string,
  lines: LineCounter,
  options: ParseOptions & DocumentOptions & SchemaOptions,
): Pieces<Document.Parsed> {
  const parser = new Parser(lines.addNewLine)
  const composer = new Composer(options)
  const documents: Document.Parsed[] = []
  let lexemes = 0
  lines.addNewLine(0)
  for (const lexeme of new Lexer().lex(text)) {
    for (const token of parser.next(lexeme)) documents.push(...composer.next(token))
    if (++lexemes % pieceLexemes === 0) yield
  }
  for (const token of parser.end()) documents.push(...composer.next(token))
  documents.push(...composer.end(true, text.length))
  const [first, second] = documents
  if (second !== undefined) {
    const [from, to] = second.range
    first.errors.push(
      new YAMLParseError(
        [from, to],
        'MULTIPLE_DOCS',
        'Source contains multiple documents; please use YAML.parseAllDocuments()',
      ),
    )
  }
  return first
}
