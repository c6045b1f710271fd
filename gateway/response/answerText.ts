/** A position in an AnswerText, to go back to. */
export interface Mark {
  readonly pieces: number
  readonly last: string
  readonly bytes: number
}

/** A long text that is written bit by bit. Finished pieces are kept as bytes, outside V8's heap. */
export class AnswerText {
  private readonly pieces: Buffer[] = []
  private last = ''
  private kept = 0

  /** The approximate length: the text since the last piece counts in characters. */
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

  /** Removes what was written since the mark. */
  backTo({ pieces, last, bytes }: Mark): void {
    this.pieces.length = pieces
    this.last = last
    this.kept = bytes
  }

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

/** In characters. */
const pieceLength = 32_768
