/** Where a text was at a time. */
export interface Mark {
  readonly pieces: number
  readonly last: string
  readonly bytes: number
}

/** A long text that is written bit by bit: pieces of it are kept as bytes, outside the engine's heap. */
export class AnswerText {
  private readonly pieces: Buffer[] = []
  private last = ''
  private kept = 0

  /** How long it is, near enough: what was written last counts by characters. */
  get bytes(): number {
    return this.kept + this.last.length
  }

  append(text: string): void {
    this.last += text
    if (this.last.length >= pieceLength) this.keep()
  }

  mark(): Mark {
    return { pieces: this.pieces.length, last: this.last, bytes: this.kept }
  }

  /** Takes back what was written since. */
  backTo({ pieces, last, bytes }: Mark): void {
    this.pieces.length = pieces
    this.last = last
    this.kept = bytes
  }

  /** All of it. */
  end(): readonly Buffer[] {
    this.keep()
    return this.pieces
  }

  private keep(): void {
    const piece = Buffer.from(this.last)
    this.pieces.push(piece)
    this.kept += piece.length
    this.last = ''
  }
}

/** Of a piece, in characters. */
const pieceLength = 32_768
