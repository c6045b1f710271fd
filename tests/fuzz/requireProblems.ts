/** Throws unless a file was refused with lines for people: each names the file and stays short, whatever the file holds. */
export function requireProblems(problems: readonly string[], file: string): void {
  if (problems.length === 0) throw new Error('refused without a problem')
  for (const problem of problems) {
    if (!problem.startsWith(file)) throw new Error(`without its file: ${problem}`)
    if (/[\n\r]/.test(problem)) throw new Error(`in more than one line: ${JSON.stringify(problem)}`)
    if (problem.length > 20_000) throw new Error(`grows with its input: ${problem.length} characters`)
  }
}
