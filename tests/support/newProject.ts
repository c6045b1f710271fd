import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiledPath, packageRoot } from '../../lib/packagePaths'
import { type NodeProcess, startNode } from './nodeProcess'
import { runPresageSync } from './presageCommand'

/** A project that `presage init` has made, with this package linked in the place of one that npm would install. */
export interface NewProject {
  readonly folder: string
  /** Gives requests more time than a second, for which a machine that is busy with tests may stall. */
  bePatient(): void
  /** Saves as editors do: another file takes the name. The content is as it was before, changed. */
  save(file: string, change: (content: string) => string): void
  /**
   * `presage dev` on a port that is free, once its standard error, perhaps in a file, matches. By default, `ready` is
   * its URL.
   */
  dev(pattern?: RegExp, logFile?: string): Promise<NodeProcess>
  dispose(): void
}

export function newProject(template = 'minimal'): NewProject {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'presage-init-')))
  const folder = join(parent, 'shop')
  const { code, err } = runPresageSync(['init', 'shop', '--yes', '--no-install', '--template', template], {
    cwd: parent,
  })
  if (code !== 0) throw new Error(err)
  linkPresage(folder)
  const save: NewProject['save'] = (file, change) => {
    const path = join(folder, file)
    const next = `${path}.next`
    writeFileSync(next, change(readFileSync(path, 'utf8')))
    renameSync(next, path)
  }
  return {
    folder,
    bePatient: () => save('presage.yaml', (yaml) => yaml.replace('port: 4000', 'port: 4000\n  timeout: 20s')),
    save,
    dev: (pattern = /Presage serves (\S+) and watches/, logFile) =>
      startNode([compiledPath('cli/presage'), 'dev', '--port', '0'], pattern, folder, { logFile }),
    dispose: () => rmSync(parent, { recursive: true, force: true }),
  }
}

function linkPresage(folder: string): void {
  const modules = join(folder, 'node_modules')
  mkdirSync(join(modules, '.bin'), { recursive: true })
  symlinkSync(packageRoot, join(modules, 'presage'))
  const command = `#!/usr/bin/env node\nrequire(${JSON.stringify(compiledPath('cli/presage'))})\n`
  writeFileSync(join(modules, '.bin/presage'), command, { mode: 0o755 })
}
