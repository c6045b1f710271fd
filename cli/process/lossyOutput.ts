/**
 * Without a listener, a full disk or a reader that has gone would end the process, also where a team's module writes to the
 * console. Who reads no further has what it wants; but a result that found no room is a failure.
 */
process.stderr.on('error', () => {})
let isTold = false
process.stdout.on('error', tell)
// What prints and ends at once, such as --version, ends before that event.
process.on('exit', () => {
  if (process.stdout.errored) tell(process.stdout.errored)
})

function tell({ code, message }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE' || isTold) return
  isTold = true
  process.exitCode = 1
  console.error(`standard output: must take what is written, got ${code ?? message}`)
}
