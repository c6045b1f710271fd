/** Nobody reads more lines. */
const most = 100

/** The first problems of a file, and the number of the rest. */
export function fewProblems(problems: readonly string[], file: string): readonly string[] {
  if (problems.length <= most) return problems
  return [...problems.slice(0, most), `${file}: ${problems.length - most} further problems`]
}
