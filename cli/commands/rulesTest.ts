import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { LoadError } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import { type CaseGroup, completeNames, parseCases } from '../../routing/cases/cases'
import { runCases } from '../../routing/cases/runCases'
import { readRuleText } from '../../routing/parse/readRuleText'
import type { KnownNames } from '../../routing/ruleSet/knownNames'
import type { Config } from '../config/config'
import { loadKnownNames } from '../graph/graph'
import { type JsonOption, printChecked } from '../terminal/printResult'
import { Progress } from '../terminal/progress'

/**
 * Runs files of routing cases. A file that leaves out objectives or models is run with those of the deployment, whose
 * configuration is read only then. Throws a LoadError with a line for each failed expectation. With JSON, the failures are
 * part of the output.
 */
export async function rulesTest(
  config: () => Config,
  files: readonly string[],
  options: JsonOption,
): Promise<void> {
  const problems: string[] = []
  const complete = completion(config)
  const progress = new Progress()
  let run = 0
  let failed = 0
  for (const file of files) {
    let groups: readonly CaseGroup[]
    try {
      const parsed = parseCases(readTextFile(file), file).map((group) => withRules(group, file))
      groups = await Promise.all(parsed.map((group) => complete(group, file)))
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      // Problems of the deployment come once for each file that needs it.
      problems.push(...error.problems.filter((problem) => !problems.includes(problem)))
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
  if (passed > 0 && !options.json) console.log(passed === 1 ? '1 case holds' : `${passed} cases hold`)
  printChecked(problems, { passed, failed, problems }, options)
}

/** A case group may name its rule set by a path relative to the file of the cases. */
function withRules(group: CaseGroup, file: string): CaseGroup {
  if (typeof group.ruleSet !== 'string') return group
  const rules = join(dirname(file), group.ruleSet)
  return { ...group, ruleSet: readRuleText(readTextFile(rules, `${file}: ruleSet: `), shortPath(rules)) }
}

/** Adds the names of the deployment, which are read once if any group needs them. */
function completion(readConfig: () => Config): (group: CaseGroup, file: string) => Promise<CaseGroup> {
  let names: Promise<KnownNames> | undefined
  return async (group, file) => {
    if (group.leavesOut.length === 0) return group
    const config = readConfig()
    if (!existsSync(config.file)) {
      const without = `must be given where there is no ${shortPath(config.file)}, got nothing`
      throw new LoadError(group.leavesOut.map((name) => `${file}: ${group.says}: ${name}: ${without}`))
    }
    names ??= loadKnownNames(config)
    return completeNames(group, await names)
  }
}
