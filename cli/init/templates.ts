import { cpSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'

export const templates = {
  minimal: 'one subgraph with one prediction field, a model and a rule',
  'apollo-subgraph': "the same field in a team's own Apollo Server, beside a gateway",
  streaming: 'ratings of titles: three subgraphs, two model versions, an experiment',
} as const

export type TemplateName = keyof typeof templates

/** Folders that several templates share. */
const shared: Readonly<Record<TemplateName, readonly string[]>> = {
  minimal: ['orders'],
  'apollo-subgraph': ['orders'],
  streaming: [],
}

/** npm does not pack files with these names. */
const renamed = { _gitignore: '.gitignore', _npmrc: '.npmrc' }

const folder = join(packageRoot, 'templates')

/** Copies the common files and then the template's own into a folder. The project has the folder's name. */
export function copyTemplate(template: TemplateName, target: string): void {
  for (const part of ['common', ...shared[template], template])
    cpSync(join(folder, part), target, { recursive: true })
  const present = new Set(readdirSync(target))
  for (const [packed, name] of Object.entries(renamed)) {
    if (present.has(packed)) renameSync(join(target, packed), join(target, name))
  }
  const readme = join(target, 'README.md')
  writeFileSync(readme, readFileSync(readme, 'utf8').replaceAll('{{name}}', basename(target)))
}
