import { spawn, spawnSync } from 'node:child_process'

/** Of the kernel; all processes in them end with the first one. */
const unshare = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
const mark = 'PRESAGE_FAULTS_NAMESPACES'

/** Whether this process has namespaces of its own. */
export const hasOwnNamespaces = process.env[mark] === '1'

/** Whether a process here may have namespaces of its own, and links in them. */
export function canHaveNamespaces(): boolean {
  return spawnSync('unshare', [...unshare, 'ip', 'link', 'add', 'probe', 'type', 'bridge']).status === 0
}

/** Runs this command once more, in namespaces of its own. Resolves with its exit code. */
export function runInNamespaces(env: Readonly<Record<string, string>>): Promise<number> {
  const child = spawn(
    'unshare',
    [...unshare, ...process.execArgv, process.execPath, ...process.argv.slice(1)],
    {
      // With the channel, it notices the end of this process.
      stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, ...env, [mark]: '1' },
    },
  )
  const end = () => child.kill('SIGKILL')
  process.once('SIGINT', end).once('SIGTERM', end)
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => resolve(code ?? 130))
  })
}

/** Ends this process with the one that started it. */
export function endWithParent(): void {
  process.once('disconnect', () => process.exit(130))
  process.channel?.unref()
}
