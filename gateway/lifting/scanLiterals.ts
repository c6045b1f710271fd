import { type ConstObjectFieldNode, type ConstValueNode, Kind, Lexer, Source, TokenKind } from 'graphql'

/** A document, read as far as is needed to tell its shape from its literals. */
export interface ScannedText {
  /**
   * The document in one form, whatever its layout, with a variable `$_lifted0`, `$_lifted1`, … in the place of each literal that a
   * field is given. Equal literals for one argument of one response key have the same one, since fields are merged only where
   * they are given the same. The variables are not declared.
   */
  readonly key: string
  /** By the number of their variable. */
  readonly literals: readonly ConstValueNode[]
}

/**
 * Finds the literals that fields are given, in one pass over the tokens. What holds a variable stays as it is, as does what
 * directives are given. Undefined where there is no literal, and for what is no document, or too large to be worth it.
 */
export function scanLiterals(text: string, maxTokens: number): ScannedText | undefined {
  // A client's own variables must not be taken for those of ours.
  if (text.length > maxLength || text.includes(liftedPrefix)) return undefined
  try {
    const scan = new Scan(text, maxTokens)
    scan.readDocument()
    const { key, literals } = scan
    return literals.length === 0 ? undefined : { key, literals }
  } catch {
    return undefined // What is wrong with it is said by those who parse it.
  }
}

/** How the variables are called that stand for literals. */
export const liftedPrefix = '_lifted'

const maxLength = 100_000

/** Selections and values together. The planner reads less than 50 levels, and must not read more of a document without its literals. */
const maxLevels = 30

class Scan {
  key = ''
  readonly literals: ConstValueNode[] = []
  private readonly numbers = new Map<string, number>()
  private responseKey = ''
  private readonly lexer: Lexer
  private token: Lexer['token']
  private tokens = 0
  private level = 0
  /** The value at work: its tokens, and whether it must stay where it is. */
  private raw = ''
  private mustStay = false

  constructor(
    private readonly text: string,
    private readonly maxTokens: number,
  ) {
    this.lexer = new Lexer(new Source(text))
    this.token = this.lexer.advance()
  }

  readDocument(): void {
    let isOfField = false
    let isAliased = false
    for (;;) {
      switch (this.token.kind) {
        case TokenKind.EOF:
          return
        case TokenKind.BRACE_L:
          this.enter()
          this.copy()
          break
        case TokenKind.BRACE_R:
          this.level--
          this.copy()
          break
        case TokenKind.PAREN_L:
          if (isOfField) this.readArguments()
          else this.copyParentheses()
          break
        case TokenKind.AT:
          this.copy()
          this.copy()
          isOfField = false
          break
        case TokenKind.NAME:
          isOfField = this.level > 0
          if (!isAliased) this.responseKey = this.token.value
          isAliased = false
          this.copy()
          break
        case TokenKind.COLON:
          isAliased = true
          this.copy()
          break
        default:
          this.copy()
      }
    }
  }

  private readArguments(): void {
    this.copy()
    while (this.token.kind !== TokenKind.PAREN_R) {
      this.expect(TokenKind.NAME)
      const argument = this.token.value
      this.copy()
      this.expect(TokenKind.COLON)
      this.copy()
      this.raw = ''
      this.mustStay = false
      const literal = this.readValue()
      this.key += this.mustStay ? this.raw : `$${liftedPrefix}${this.numberOf(argument, literal)} `
    }
    this.copy()
  }

  private numberOf(argument: string, literal: ConstValueNode): number {
    const use = `${this.responseKey} ${argument} ${this.raw}`
    let number = this.numbers.get(use)
    if (number === undefined) {
      number = this.literals.push(literal) - 1
      this.numbers.set(use, number)
    }
    return number
  }

  /** Whatever is answered for a value that must stay is not used. */
  private readValue(): ConstValueNode {
    const { kind, value } = this.token
    switch (kind) {
      case TokenKind.INT:
      case TokenKind.FLOAT:
        // The planner reads numbers in ways of its own where these do not hold.
        if (!isPlainNumber(Number(value), kind)) this.mustStay = true
        this.take()
        return { kind: kind === TokenKind.INT ? Kind.INT : Kind.FLOAT, value }
      case TokenKind.STRING:
        if (!this.isPlainString()) this.mustStay = true
        this.take()
        return { kind: Kind.STRING, value }
      case TokenKind.NAME:
        this.take()
        if (value === 'null') return { kind: Kind.NULL }
        return value === 'true' || value === 'false'
          ? { kind: Kind.BOOLEAN, value: value === 'true' }
          : { kind: Kind.ENUM, value }
      case TokenKind.BRACKET_L:
        return { kind: Kind.LIST, values: this.readItems() }
      case TokenKind.BRACE_L:
        return { kind: Kind.OBJECT, fields: this.readFields() }
      default:
        // Block strings, which the planner takes apart in a way of its own; and variables.
        this.mustStay = true
        if (kind === TokenKind.DOLLAR) this.take()
        else this.expect(TokenKind.BLOCK_STRING)
        this.take()
        return { kind: Kind.NULL }
    }
  }

  private readItems(): ConstValueNode[] {
    const values: ConstValueNode[] = []
    this.enter()
    this.take()
    while (this.token.kind !== TokenKind.BRACKET_R) values.push(this.readValue())
    this.level--
    this.take()
    return values
  }

  private readFields(): ConstObjectFieldNode[] {
    const fields: ConstObjectFieldNode[] = []
    this.enter()
    this.take()
    while (this.token.kind !== TokenKind.BRACE_R) {
      this.expect(TokenKind.NAME)
      const name = { kind: Kind.NAME, value: this.token.value } as const
      this.take()
      this.expect(TokenKind.COLON)
      this.take()
      fields.push({ kind: Kind.OBJECT_FIELD, name, value: this.readValue() })
    }
    this.level--
    this.take()
    return fields
  }

  /** What the planner reads as graphql-js does: it knows no pairs of `\u`, and not the right character for `\b`. */
  private isPlainString(): boolean {
    const { start, end, value } = this.token
    if (value.length === end - start - 2) return !controls.test(value)
    return !oddEscapes.test(this.text.slice(start, end))
  }

  private copyParentheses(): void {
    let open = 0
    do {
      if (this.token.kind === TokenKind.PAREN_L) open++
      else if (this.token.kind === TokenKind.PAREN_R) open--
      else this.expectMore()
      this.copy()
    } while (open > 0)
  }

  private enter(): void {
    this.level++
    if (this.level > maxLevels) throw new Error('too deep')
  }

  private expect(kind: TokenKind): void {
    if (this.token.kind !== kind) throw new Error(`must be ${kind}, got ${this.token.kind}`)
  }

  private expectMore(): void {
    if (this.token.kind === TokenKind.EOF) throw new Error('must go on')
  }

  private copy(): void {
    this.key += this.shown()
    this.advance()
  }

  private take(): void {
    this.raw += this.shown()
    this.advance()
  }

  /** As it stands in the document: escapes mean the same there only. */
  private shown(): string {
    const { kind, value, start, end } = this.token
    if (kind === TokenKind.NAME) return `${value} `
    return value === undefined ? kind : `${this.text.slice(start, end)} `
  }

  private advance(): void {
    this.expectMore()
    if (++this.tokens > this.maxTokens) throw new Error('too long')
    this.token = this.lexer.advance()
  }
}

function isPlainNumber(value: number, kind: TokenKind): boolean {
  if (Object.is(value, -0)) return false
  return kind === TokenKind.INT ? Number.isSafeInteger(value) : Number.isFinite(value)
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controls = /[\u0000-\u001f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const oddEscapes = /\\[ub]|[\u0000-\u001f]/
