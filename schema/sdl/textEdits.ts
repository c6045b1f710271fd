/** Replaces what stands from `start` to `end`, which are equal for an insertion. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

export function insertion(at: number, text: string): TextEdit {
  return { start: at, end: at, text }
}

/** Makes edits whose places do not overlap, in any order. */
export function editText(text: string, edits: readonly TextEdit[]): string {
  const backwards = [...edits].sort((a, b) => b.start - a.start)
  return backwards.reduce(
    (edited, { start, end, text: by }) => edited.slice(0, start) + by + edited.slice(end),
    text,
  )
}
