import { execSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'

/** A copy of the repository as a team has it, with `examples/own-model` added just as its README says. */
export interface OwnModelCopy {
  readonly folder: string
  readonly config: string
  /** The copy's own command, compiled. */
  readonly script: string
  /** Runs the copy's command to its end; paths in its output are relative to the copy. */
  run(...args: string[]): { status: number | null; stdout: string; stderr: string }
  /** Changes one file; it must change. The returned function takes it back. */
  edit(file: string, change: (content: string) => string): () => void
  /** A text with the copy's paths made relative. */
  shorten(text: string): string
  dispose(): void
}

const readme = readFileSync(join(packageRoot, 'examples/own-model/README.md'), 'utf8')

/** The query that the README asks. */
export const readmeQuery = fenced('graphql')

export function createOwnModelCopy(): OwnModelCopy {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'presage-own-model-')))
  mkdirSync(join(folder, 'examples'))
  const checkedOut = ['package.json', 'presage.yaml', 'rover.yaml', 'schema', 'platform', 'subgraphs', 'dist']
  for (const name of [...checkedOut, 'examples/streaming', 'examples/own-model']) {
    cpSync(join(packageRoot, name), join(folder, name), { recursive: true })
  }
  symlinkSync(join(packageRoot, 'node_modules'), join(folder, 'node_modules'))
  const script = join(folder, 'dist/cli/presage.js')
  const config = join(folder, 'presage.yaml')
  const shorten = (text: string) => text.replaceAll(`${folder}/`, '')
  const copy: OwnModelCopy = {
    folder,
    config,
    script,
    run(...args) {
      const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], {
        cwd: folder,
        encoding: 'utf8',
      })
      return { status, stdout, stderr }
    },
    edit(file, change) {
      const path = join(folder, file)
      const before = readFileSync(path, 'latin1')
      const after = change(before)
      if (after === before) throw new Error(`nothing to change in ${file}`)
      writeFileSync(path, after, 'latin1')
      return () => writeFileSync(path, before, 'latin1')
    },
    shorten,
    dispose: () => rmSync(folder, { recursive: true }),
  }
  followReadme(copy)
  // A machine that is busy with tests may stand still for seconds.
  copy.edit('presage.yaml', (yaml) => yaml.replace('timeout: 1s ', 'timeout: 20s'))
  return copy
}

/** Copies the files with the README's command and makes its edits: "`file` right under `key:`", then the lines. */
function followReadme({ folder, edit }: OwnModelCopy): void {
  execSync(fenced('sh'), { cwd: folder })
  const edits = [...readme.matchAll(/`(\S+)` right under `(\w+:)`\n\n```yaml\n([^`]*)```/g)]
  if (edits.length !== 3) throw new Error(`the README makes ${edits.length} edits`)
  for (const [, file, key, lines] of edits) {
    edit(file, (content) => content.replace(new RegExp(`^${key}\n`, 'm'), (line) => line + lines))
  }
}

/** The README's first block of a language. */
function fenced(language: string): string {
  const block = new RegExp(`\`\`\`${language}\n([^\`]*)\`\`\``).exec(readme)
  if (block === null) throw new Error(`the README has no block of ${language}`)
  return block[1]
}
