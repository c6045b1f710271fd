import { randomUUID } from 'node:crypto'

/** Carries the data of one long answer past Apollo Server, which would parse it and make one text of it. */
export class LongData {
  private pieces: readonly Buffer[] | undefined

  /** Keeps the data, and returns the placeholder for it. */
  hold(pieces: readonly Buffer[]): string {
    this.pieces = pieces
    return standIn
  }

  /** Replaces the placeholder in Apollo Server's text by the data. */
  putInto(text: string): string | readonly Buffer[] {
    if (this.pieces === undefined) return text
    const at = text.indexOf(standInText)
    if (at === -1) return text
    return answerPieces(text.slice(0, at), this.pieces, text.slice(at + standInText.length))
  }
}

export function answerPieces(before: string, data: readonly Buffer[], after: string): readonly Buffer[] {
  return [Buffer.from(before), ...data, Buffer.from(after)]
}

/** Random, so that no other value of an answer can equal it. */
const standIn = `long data ${randomUUID()}`
const standInText = JSON.stringify(standIn)
