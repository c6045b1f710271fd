/** A message about a file. A text that came over the network has no name, '', and the message stands alone. */
export function inFile(file: string, message: string): string {
  return file === '' ? message : `${file}: ${message}`
}

/** `file:line:column`, or as much of it as there is. */
export function placeOfLine(file: string, ...place: readonly number[]): string {
  return [...(file === '' ? [] : [file]), ...place].join(':')
}

/** Nobody reads more lines. */
const most = 100

/** The first problems of a file, and the number of the rest. */
export function fewProblems(problems: readonly string[], file: string): readonly string[] {
  if (problems.length <= most) return problems
  return [...problems.slice(0, most), inFile(file, `${problems.length - most} further problems`)]
}
