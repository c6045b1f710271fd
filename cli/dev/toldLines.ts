/**
 * The lines about the current state that the developer knows. The number of a line may differ: rules that are in effect
 * have none, since their file may have been edited.
 */
export class ToldLines {
  private told = new Set<string>()

  /** Adds a line that was told as part of something else. */
  add(line: string): void {
    this.told.add(withoutNumber(line))
  }

  /** The lines of a state's report that were not told of the state before. */
  news(report: readonly string[]): readonly string[] {
    const before = this.told
    this.told = new Set(report.map(withoutNumber))
    return report.filter((line) => !before.has(withoutNumber(line)))
  }
}

function withoutNumber(line: string): string {
  return line.replace(/:\d+: /, ': ')
}
