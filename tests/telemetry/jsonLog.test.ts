import { createJsonLog } from '../../telemetry/jsonLog'

function written(level: 'debug' | 'info' | 'warn' | 'error') {
  const lines: string[] = []
  const log = createJsonLog(level, {}, { write: (line) => lines.push(line) })
  return { log, objects: () => lines.map((line) => JSON.parse(line)) }
}

it('writes one object a line, with level, time and fields', () => {
  const { log, objects } = written('info')
  log.write('info', 'request', { requestId: 'r1', operation: undefined, predictionRows: 3 })
  const [{ time, ...rest }] = objects()
  expect(rest).toMatchObject({ level: 30, msg: 'request', requestId: 'r1', predictionRows: 3 })
  expect(new Date(time).getTime()).toBeGreaterThan(0)
})

it('writes errors whole, with their stack and their cause', () => {
  const { log, objects } = written('error')
  log.write('error', 'internal error', { error: new Error('outer', { cause: new Error('inner') }) })
  const [{ err }] = objects()
  expect(err.message).toContain('outer')
  expect(err.stack).toMatch(/outer[\s\S]*at [\s\S]*inner/)
})

it('leaves out what is below its level, and says so beforehand', () => {
  const { log, objects } = written('warn')
  log.write('info', 'request')
  log.write('warn', 'look')
  expect(objects().map(({ msg }) => msg)).toEqual(['look'])
  expect([log.isOn('info'), log.isOn('warn'), log.isOn('error')]).toEqual([false, true, true])
})
