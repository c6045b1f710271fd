import { execFileSync } from 'node:child_process'
import { closeSync, constants, mkdtempSync, openSync, readSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TextFile } from '../../telemetry/textFile'
import { until } from '../support/until'

/** A pipe that takes what fits and refuses the rest, as the standard error of a process of Node does. */
function openPipe() {
  const path = join(mkdtempSync(join(tmpdir(), 'presage-text-')), 'pipe')
  execFileSync('mkfifo', [path])
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
  const buffer = Buffer.alloc(1_000_000)
  return {
    fd,
    /** All that it holds now. */
    read: () => buffer.toString('utf8', 0, readSync(reader, buffer)),
    close() {
      closeSync(fd)
      closeSync(reader)
    },
  }
}

it('what a full pipe has refused is written at the end, before what came later', async () => {
  const pipe = openPipe()
  const file = new TextFile({ fd: pipe.fd, maxWaiting: 1_000_000 })
  const lines = Array.from({ length: 100 }, (_, n) => `${n} ${'x'.repeat(990)}\n`)
  for (const line of lines) file.write(line)
  // By then the pipe is full, and no other thread has the piece that waits to be tried again.
  await until(() => file['retry'] !== undefined)
  const before = pipe.read()
  file.flush()
  const numbers = (before + pipe.read()).match(/^\d+/gm)
  pipe.close()
  expect(numbers).toEqual(lines.map((_, n) => `${n}`))
})
