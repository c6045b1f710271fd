import { Console } from 'node:console'
import { Writable } from 'node:stream'
import { program, tellFailure } from '../../cli/program'
import { packageRoot } from '../../lib/packagePaths'
import type { EndedCommand } from './presageCommand'

class Exit extends Error {
  constructor(readonly code: number) {
    super(`exit ${code}`)
  }
}

let before: Promise<unknown> = Promise.resolve()

/**
 * Runs `presage ARGS` as `runPresage` does, but in this process, which costs a small part of a start. Commands wait for each
 * other, since they change what belongs to the process. A file that uses it starts some real ones, too.
 */
export function presageHere(args: readonly string[], cwd = packageRoot): Promise<EndedCommand> {
  const ended = before.then(() => runHere(args, cwd))
  before = ended.catch(() => {})
  return ended
}

async function runHere(args: readonly string[], cwd: string): Promise<EndedCommand> {
  const { argv, exit, exitCode } = process
  const outer = { console: globalThis.console, folder: process.cwd() }
  const out = new Written()
  const err = new Written()
  const streams = Object.getOwnPropertyDescriptors(process)
  Object.defineProperty(process, 'stdout', { value: out, configurable: true })
  Object.defineProperty(process, 'stderr', { value: err, configurable: true })
  globalThis.console = new Console(out, err)
  process.exit = (code) => {
    throw new Exit(Number(code ?? process.exitCode ?? 0))
  }
  process.argv = [...argv.slice(0, 1), 'presage', ...args]
  process.exitCode = undefined
  process.chdir(cwd)
  try {
    const code = await program.parseAsync().then(
      () => Number(process.exitCode ?? 0),
      (error: unknown) => {
        if (error instanceof Exit) return error.code
        if (!tellFailure(error)) throw error
        return 1
      },
    )
    return { code, out: out.text, err: err.text }
  } finally {
    process.chdir(outer.folder)
    Object.assign(process, { argv, exit, exitCode })
    globalThis.console = outer.console
    Object.defineProperties(process, { stdout: streams.stdout, stderr: streams.stderr })
  }
}

class Written extends Writable {
  text = ''

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}
