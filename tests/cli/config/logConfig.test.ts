import { fork } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { memberText, memberVariable } from '../../../cli/processes/member'
import { compiledPath } from '../../../lib/packagePaths'

/** What the second of three processes that serve together logs. */
function logged(pretty: boolean): Promise<string> {
  const script = `require(${JSON.stringify(compiledPath('cli/config/logConfig'))})
    .createLog({ level: 'warn', pretty: ${pretty} }).write('warn', 'look')
    process.disconnect()`
  const child = fork('-e', [script], {
    env: { ...process.env, [memberVariable]: memberText({ place: 2, count: 3, isFirst: false }) },
    silent: true,
  })
  return text(child.stderr!)
}

it('each of several processes has its number in a field of its JSON lines, and before its other lines', async () => {
  expect(JSON.parse(await logged(false))).toMatchObject({ msg: 'look', process: 2 })
  expect(await logged(true)).toBe('process 2: gateway: look\n')
})
