import { dirname, join } from 'node:path'
import { LoadError } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import { type CaseGroup, parseCases } from '../../routing/cases/cases'
import { runCases } from '../../routing/cases/runCases'
import { readRuleText } from '../../routing/parse/readRuleText'
import type { JsonOption } from '../terminal/printResult'
import { Progress } from '../terminal/progress'

/**
 * Runs files of routing cases. Throws a LoadError with a line for each failed expectation. With JSON, the failures are
 * part of the output.
 */
export function rulesTest(files: readonly string[], options: JsonOption = {}): void {
  const problems: string[] = []
  const progress = new Progress()
  let run = 0
  let failed = 0
  for (const file of files) {
    let groups: readonly CaseGroup[]
    try {
      groups = parseCases(readTextFile(file), file).map((group) => withRules(group, file))
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      problems.push(...error.problems)
      continue
    }
    for (const group of groups) {
      for (const { says, differences } of runCases(group)) {
        run++
        progress.tell(() => `${file}: ${run} cases run`)
        if (differences.length > 0) failed++
        const where = says === group.says ? [file, says] : [file, group.says, says]
        problems.push(...differences.map((difference) => [...where, difference].join(': ')))
      }
    }
  }
  progress.end()
  const passed = run - failed
  if (options.json) {
    console.log(JSON.stringify({ passed, failed, problems }, null, 2))
    process.exitCode = problems.length > 0 ? 1 : 0
    return
  }
  if (passed > 0) console.log(passed === 1 ? '1 case holds' : `${passed} cases hold`)
  if (problems.length > 0) throw new LoadError(problems)
}

/** A case group may name its rule set by a path relative to the file of the cases. */
function withRules(group: CaseGroup, file: string): CaseGroup {
  if (typeof group.ruleSet !== 'string') return group
  const rules = join(dirname(file), group.ruleSet)
  return { ...group, ruleSet: readRuleText(readTextFile(rules, `${file}: ruleSet: `), shortPath(rules)) }
}
