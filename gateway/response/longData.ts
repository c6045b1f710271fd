import { randomUUID } from 'node:crypto'

/** The data of one long answer on its way past Apollo Server, which would make objects and one text of it. */
export class LongData {
  private pieces: readonly Buffer[] | undefined

  /** Keeps the data; what stands for it in the answer. */
  hold(pieces: readonly Buffer[]): string {
    this.pieces = pieces
    return standIn
  }

  /** The answer as it is sent, from its text with the stand-in in it. */
  putInto(text: string): string | readonly Buffer[] {
    if (this.pieces === undefined) return text
    const at = text.indexOf(standInText)
    if (at === -1) return text
    return answerPieces(text.slice(0, at), this.pieces, text.slice(at + standInText.length))
  }
}

/** The pieces of an answer whose data is long. */
export function answerPieces(before: string, data: readonly Buffer[], after: string): readonly Buffer[] {
  return [Buffer.from(before), ...data, Buffer.from(after)]
}

/** Nobody else can write it into an answer. */
const standIn = `long data ${randomUUID()}`
const standInText = JSON.stringify(standIn)
