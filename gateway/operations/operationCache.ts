import { type DocumentNode, type OperationDefinitionNode, parse, print, type ValueNode } from 'graphql'
import { LruCache } from '../../lib/lruCache'
import { hasMoreComments } from '../graphql/comments'
import { cacheBytes, documentBytes, literalBytes } from './cacheBytes'
import { type DocumentShape, readShape } from './documentShape'
import { type LiteralUse, literalsThatStay, literalUses } from './literalUses'
import type { OperationEnvironment } from './operationEnvironment'
import { AskedOperation, PreparedOperation } from './preparedOperation'

/** An operation that was parsed and validated, and selected from its document. */
export interface ResolvedOperation {
  readonly text: string
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  /** As the client sent it. */
  readonly operationName: string | undefined
}

/**
 * Caches operations by text. A new text that differs from a known one only in literals is found by its document's
 * shape:
 *
 *     text ──> known text ─────────────────────────────────────> prepared
 *       └─> parse ──> shape ──> same literals in the document ──> prepared
 *
 * Prepared operations are valid. An unknown text must be validated before it is added with `take`.
 */
export class OperationCache {
  private readonly texts: LruCache<AskedOperation>
  /** By shape: the uses of its literals. */
  private readonly shapes: LruCache<readonly LiteralUse[]>
  /** By shape and the literals that stay in the document. */
  private readonly prepared: LruCache<PreparedOperation>

  constructor(
    private readonly environment: OperationEnvironment,
    maxEntries: number,
    maxBytes = cacheBytes,
  ) {
    this.texts = new LruCache(maxEntries, maxBytes)
    this.shapes = new LruCache(maxEntries, maxBytes)
    this.prepared = new LruCache(maxEntries, maxBytes, (operation) => operation.forget())
  }

  /** Finds the operation of a text that is known as it is. */
  known(text: string, operationName: string | undefined): AskedOperation | undefined {
    return this.at(keyOf(text, operationName), text)
  }

  /** Finds the operation of a known text, or one that is `similar`. */
  find(text: string, operationName: string | undefined, maxTokens: number): AskedOperation | undefined {
    return this.known(text, operationName) ?? this.similar(text, operationName, maxTokens)
  }

  /**
   * Finds the operation of a text with the same shape as this one, which is not known. Texts of more than `maxTokens`
   * tokens are not parsed.
   */
  similar(text: string, operationName: string | undefined, maxTokens: number): AskedOperation | undefined {
    if (this.shapes.size === 0 || text.length > maxParsedAgain) return undefined
    const document = hasMoreComments(text, maxTokens) ? undefined : parsed(text, maxTokens)
    if (document === undefined) return undefined
    const shape = readShape(document)
    const uses = this.shapes.get(shape.key)
    const prepared = uses && this.prepared.get(preparedKey(shape, uses, operationName))
    return prepared && this.remember(keyOf(text, operationName), prepared, text, shape.literals)
  }

  take({ text, document, operation, operationName }: ResolvedOperation): AskedOperation {
    const key = keyOf(text, operationName)
    const known = this.at(key, text)
    if (known !== undefined) return known
    const { schema, maxListLength } = this.environment
    const shape = readShape(document)
    let uses = this.shapes.get(shape.key)
    if (uses === undefined) {
      uses = literalUses(document, shape.numbers, schema, maxListLength)
      this.shapes.set(shape.key, uses, shape.key.length + uses.length * useBytes)
    }
    const full = preparedKey(shape, uses, operationName)
    let prepared = this.prepared.get(full)
    if (prepared === undefined) {
      prepared = new PreparedOperation(full, document, operation, shape, this.environment, this.keep)
      this.keep(prepared)
    }
    return this.remember(key, prepared, text, shape.literals)
  }

  /** Drops an operation that was added and is not compiled: a flood of refused ones must leave others where they are. */
  drop(text: string, operationName: string | undefined): void {
    const key = keyOf(text, operationName)
    const asked = this.texts.get(key)
    if (asked === undefined || asked.prepared.isCompiled) return
    this.texts.delete(key)
    this.prepared.delete(asked.prepared.key)
  }

  private at(key: string, text: string): AskedOperation | undefined {
    const known = this.texts.get(key)
    // A client can also send a name and a text as one text. The text has the same length only if both are the same.
    if (known?.text.length !== text.length) return undefined
    // What is asked for must not become the oldest.
    const current = this.prepared.get(known.prepared.key)
    if (current === undefined || current === known.prepared) return known
    // What it had was dropped, and prepared anew for another text. With one for each, both would be compiled in turns.
    return this.remember(key, current, text, known.literals)
  }

  private readonly keep = (prepared: PreparedOperation): void => {
    const { key, bytes } = prepared
    const other = this.prepared.get(key)
    if (other !== prepared) other?.forget()
    this.prepared.set(key, prepared, bytes)
  }

  private remember(
    key: string,
    prepared: PreparedOperation,
    text: string,
    literals: readonly ValueNode[],
  ): AskedOperation {
    const asked = new AskedOperation(prepared, text, literals)
    // Each text counts the document that it keeps, though several may share it.
    this.texts.set(key, asked, documentBytes(key) + (literals.length === 0 ? 0 : key.length * literalBytes))
    return asked
  }
}

/** Of each use of a literal. */
const useBytes = 100

/** Longer texts are only found unchanged. They are not parsed for their shape. */
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

/**
 * Undefined if the text does not parse. Apollo Server parses it again and reports the error. Without places, which only
 * errors need, a document takes a third of the memory.
 */
export function parsed(text: string, maxTokens: number, isLocated = false): DocumentNode | undefined {
  try {
    return parse(text, { noLocation: !isLocated, maxTokens })
  } catch {
    return undefined
  }
}
