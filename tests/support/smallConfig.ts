import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { type NewProject, newProject } from './newProject'

let project: NewProject | undefined

/**
 * The configuration of a small project in a folder of its own, with these sections laid over it: for tests that start
 * many processes, since one of the example has far more to load. A section is laid over its own keys.
 */
export function writeSmallConfig(sections: Readonly<Record<string, object>>): string {
  project ??= newProject()
  const folder = mkdtempSync(join(tmpdir(), 'presage-small-'))
  cpSync(project.folder, folder, { recursive: true })
  const path = join(folder, 'presage.yaml')
  const config = parse(readFileSync(path, 'utf8'))
  // A machine that is busy with tests may stall for a second.
  config.server.timeout = '20s'
  for (const [name, section] of Object.entries(sections)) config[name] = { ...config[name], ...section }
  writeFileSync(path, stringify(config))
  return path
}
