import { spawn } from 'node:child_process'
import { compiledPath, packageRoot } from '../../lib/packagePaths'

/**
 * Runs `presage ARGS` in a pseudo-terminal, made by `script` of util-linux, until it ends or what it has written matches `until`; then
 * it is told to end. Resolves with all that the terminal was sent.
 */
export async function runInTerminal(
  args: readonly string[],
  {
    cwd = packageRoot,
    until,
    environment = {},
  }: { cwd?: string; until?: RegExp; environment?: Readonly<Record<string, string>> } = {},
): Promise<string> {
  const command = [process.execPath, compiledPath('cli/presage'), ...args].map(quoted).join(' ')
  const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env
  // The shell makes way for the command, so that this is what is told to end.
  const child = spawn('script', ['-qefc', `echo $$; exec ${command}`, '/dev/null'], {
    cwd,
    env: { ...rest, TERM: 'xterm', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  const shown = () => text.replaceAll('\r\n', '\n')
  let isTold = false
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    text += piece
    if (isTold || until === undefined || !until.test(shown())) return
    isTold = true
    process.kill(Number.parseInt(text, 10))
  })
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  return shown().slice(text.indexOf('\r\n') + 1)
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}
