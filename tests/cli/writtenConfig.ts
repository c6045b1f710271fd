import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Config, loadConfig } from '../../cli/config/config'
import { LoadError } from '../../lib/errors'

/** Where the test's `presage.yaml` is. */
export const configFolder = mkdtempSync(join(tmpdir(), 'presage-config-'))

/** Loads a configuration that has been written to a file. */
export function load(text: string): Config {
  const file = join(configFolder, 'presage.yaml')
  writeFileSync(file, text)
  return loadConfig(file)
}

/** What is wrong with a configuration, without its file's name; nothing if it loads. */
export function problemsOf(text: string): readonly string[] {
  try {
    load(text)
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    return error.problems.map((problem) => problem.replace(/^.*presage.yaml: /, ''))
  }
  return []
}
