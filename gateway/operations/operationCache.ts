import { type DocumentNode, type OperationDefinitionNode, parse, print, type ValueNode } from 'graphql'
import { LruCache } from '../../lib/lruCache'
import { type DocumentShape, readShape } from './documentShape'
import { type LiteralUse, literalsThatStay, literalUses } from './literalUses'
import type { OperationEnvironment } from './operationEnvironment'
import { AskedOperation, PreparedOperation } from './preparedOperation'

/** An operation that was parsed, validated and chosen from its document. */
export interface ResolvedOperation {
  readonly text: string
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  /** As the client gave it. */
  readonly operationName: string | undefined
}

/**
 * What is known of operations, by their texts, and of texts that differ from a known one in nothing but literals, by the shape of
 * their documents:
 *
 *     text ──> asked before ────────────────────────────────> prepared
 *       └─> parsed ──> its shape ──> same literals that stay ──> prepared
 *
 * What is prepared was valid; a text that is not known must be validated before it is taken.
 */
export class OperationCache {
  private readonly texts: LruCache<AskedOperation>
  /** By the shape: where its literals stand. */
  private readonly shapes: LruCache<readonly LiteralUse[]>
  /** By the shape, and the literals that stay. */
  private readonly prepared: LruCache<PreparedOperation>

  constructor(
    private readonly environment: OperationEnvironment,
    maxEntries: number,
  ) {
    this.texts = new LruCache(maxEntries, maxCharacters)
    this.shapes = new LruCache(maxEntries, maxCharacters)
    this.prepared = new LruCache(maxEntries, maxCharacters)
  }

  /** Finds the operation of a text that was taken before, or of one with the same shape. Texts of more than `maxTokens` tokens are not parsed. */
  find(text: string, operationName: string | undefined, maxTokens: number): AskedOperation | undefined {
    const key = keyOf(text, operationName)
    const known = this.texts.get(key)
    if (known !== undefined || this.shapes.size === 0 || text.length > maxParsedAgain) return known
    const document = parsed(text, maxTokens)
    if (document === undefined) return undefined
    const shape = readShape(document)
    const uses = this.shapes.get(shape.key)
    const prepared = uses && this.prepared.get(preparedKey(shape, uses, operationName))
    return prepared && this.remember(key, prepared, text, shape.literals)
  }

  /** Takes a valid operation. */
  take({ text, document, operation, operationName }: ResolvedOperation): AskedOperation {
    const key = keyOf(text, operationName)
    const known = this.texts.get(key)
    if (known !== undefined) return known
    const { schema, maxListLength } = this.environment
    const shape = readShape(document)
    let uses = this.shapes.get(shape.key)
    if (uses === undefined) {
      uses = literalUses(document, shape.numbers, schema, maxListLength)
      this.shapes.set(shape.key, uses, shape.key.length)
    }
    const full = preparedKey(shape, uses, operationName)
    let prepared = this.prepared.get(full)
    if (prepared === undefined) {
      prepared = new PreparedOperation(document, operation, shape, this.environment)
      this.prepared.set(full, prepared, full.length)
    }
    return this.remember(key, prepared, text, shape.literals)
  }

  private remember(
    key: string,
    prepared: PreparedOperation,
    text: string,
    literals: readonly ValueNode[],
  ): AskedOperation {
    const asked = new AskedOperation(prepared, text, literals)
    this.texts.set(key, asked, literals.length === 0 ? key.length : key.length * literalWeight)
    return asked
  }
}

const maxCharacters = 16_000_000

/** The weight of a character of a text whose literals are kept: each number in a list is an object. */
const literalWeight = 25

/** Longer texts are only found unchanged; they are not parsed to look for their shape. */
const maxParsedAgain = 100_000

function keyOf(text: string, operationName: string | undefined): string {
  return operationName === undefined ? text : `${operationName} ${text}`
}

function preparedKey(
  { key, literals }: DocumentShape,
  uses: readonly LiteralUse[],
  operationName: string | undefined,
): string {
  const stay = literalsThatStay(uses, literals).map((number) => `#${number}=${print(literals[number])}`)
  return keyOf(`${key}${stay.join()}`, operationName)
}

/** Undefined for a text that does not parse: Apollo Server parses it again and reports why. */
function parsed(text: string, maxTokens: number): DocumentNode | undefined {
  try {
    return parse(text, { noLocation: true, maxTokens })
  } catch {
    return undefined
  }
}
