import { sep } from 'node:path'
import { compiledPath } from '../../lib/packagePaths'

/** What of Presage's own modules is a project's: the resolvers of subgraphs that are compiled with it. */
const ours = compiledPath('').slice(0, -'.js'.length)
const oursOfProjects = compiledPath('subgraphs/').slice(0, -'.js'.length)

/** The files of a project that have been loaded as CommonJS modules; packages and Presage itself are none of them. */
export function loadedProjectFiles(): readonly string[] {
  return Object.keys(require.cache).filter(isOfProject)
}

/** Forgets them, so that whoever requires one reads its file again. Who has one already keeps it. */
export function forgetProjectModules(): void {
  const forgotten = new Set(loadedProjectFiles().map((file) => require.cache[file]))
  for (const file of loadedProjectFiles()) delete require.cache[file]
  // Else who required them would keep them for ever.
  for (const module of Object.values(require.cache)) {
    if (module?.children.some((child) => forgotten.has(child)))
      module.children = module.children.filter((child) => !forgotten.has(child))
  }
}

function isOfProject(file: string): boolean {
  if (file.includes(`${sep}node_modules${sep}`)) return false
  return !file.startsWith(ours) || file.startsWith(oursOfProjects)
}
