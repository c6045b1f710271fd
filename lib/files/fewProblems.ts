/** Nobody reads more of them, and each is a line. */
const most = 100

/** The first problems of a file, and how many more there are. */
export function fewProblems(problems: readonly string[], file: string): readonly string[] {
  if (problems.length <= most) return problems
  return [...problems.slice(0, most), `${file}: ${problems.length - most} further problems`]
}
