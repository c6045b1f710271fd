import { LoadError } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import { parseCases } from '../../routing/cases/cases'
import { runCases } from '../../routing/cases/runCases'

/** Runs files of routing cases. Throws a LoadError with a line for each thing that differs from what a case expects. */
export function rulesTest(files: readonly string[]): void {
  const problems: string[] = []
  let run = 0
  let failed = 0
  for (const file of files) {
    let groups: ReturnType<typeof parseCases>
    try {
      groups = parseCases(readTextFile(file), file)
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      problems.push(...error.problems)
      continue
    }
    for (const group of groups) {
      for (const { says, differences } of runCases(group)) {
        run++
        if (differences.length > 0) failed++
        const where = says === group.says ? [file, says] : [file, group.says, says]
        problems.push(...differences.map((difference) => [...where, difference].join(': ')))
      }
    }
  }
  const passed = run - failed
  if (passed > 0) console.log(passed === 1 ? '1 case holds' : `${passed} cases hold`)
  if (problems.length > 0) throw new LoadError(problems)
}
