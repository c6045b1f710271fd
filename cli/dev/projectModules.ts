import { sep } from 'node:path'
import { compiledPath } from '../../lib/packagePaths'

/** Presage's own modules do not belong to a project, except the resolvers that are compiled with the package. */
const ours = compiledPath('').slice(0, -'.js'.length)
const oursOfProjects = compiledPath('subgraphs/').slice(0, -'.js'.length)

/** The project's files that are loaded as CommonJS modules, without packages and Presage itself. */
export function loadedProjectFiles(): readonly string[] {
  return Object.keys(require.cache).filter(isOfProject)
}

/** Makes the next `require` read the project's modules again. Existing references stay valid. */
export function forgetProjectModules(): void {
  const forgotten = new Set(loadedProjectFiles().map((file) => require.cache[file]))
  for (const file of loadedProjectFiles()) delete require.cache[file]
  // Otherwise the modules that required them would keep them in memory.
  for (const module of Object.values(require.cache)) {
    if (module?.children.some((child) => forgotten.has(child)))
      module.children = module.children.filter((child) => !forgotten.has(child))
  }
}

function isOfProject(file: string): boolean {
  if (file.includes(`${sep}node_modules${sep}`)) return false
  return !file.startsWith(ours) || file.startsWith(oursOfProjects)
}
