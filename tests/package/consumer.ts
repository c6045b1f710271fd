import { cpSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { giveMoreTime } from '../support/moreTime'
import { type NodeProcess, startNode } from '../support/nodeProcess'
import { type EndedCommand, runNode } from '../support/presageCommand'
import { emptyFolder, npm, type PackedPackage } from './packedPackage'

/** A project outside of the checkout that has installed the package. */
export interface Consumer {
  readonly folder: string
  /** Runs `presage ARGS` in the folder, to its end. */
  presage(args: readonly string[], environment?: Record<string, string>): Promise<EndedCommand>
  /** Starts a script of the folder, or `presage`; waits until its standard error matches. */
  start(script: string, args: readonly string[], pattern: RegExp): Promise<NodeProcess>
  dispose(): void
}

/** The path of the command within a project. */
export const command = 'node_modules/presage/dist/cli/presage.js'

/** Installs the package, and others beside it, into an empty folder. `options` are npm's. */
export function createConsumer(
  { tarball }: PackedPackage,
  packages: readonly string[] = [],
  options: readonly string[] = [],
): Consumer {
  // Paths of other people have spaces and other letters than ours.
  const folder = emptyFolder('presage für alle')
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
  npm(['install', ...options, tarball, ...packages], folder)
  return {
    folder,
    presage: (args, environment) =>
      runNode([join(folder, command), ...args], folder, {
        npm_config_prefer_offline: 'true',
        ...environment,
      }),
    start: (script, args, pattern) => startNode([join(folder, script), ...args], pattern, folder),
    dispose: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Copies the package's example of a repository of one's own into the project, as its README says. */
export function copyExample({ folder }: Consumer): void {
  cpSync(join(folder, 'node_modules/presage/examples/own-repository'), folder, { recursive: true })
  giveMoreTime(folder)
}
