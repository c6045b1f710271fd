import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAuditLog } from '../../../cli/rules/auditLog'

const entry = { event: 'asked', request: 'r1', change: 'publish', by: { subject: 'ada' } } as const

it('an entry after one that a full disk cut short stands in a line of its own', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-audit-')), 'log')
  writeFileSync(file, '{"time":"2026-01-01T00:00:00.000Z","event":"do')
  const audit = createAuditLog(file)
  await audit(entry)
  await audit({ ...entry, event: 'done' })
  const [torn, ...others] = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(torn).toBe('{"time":"2026-01-01T00:00:00.000Z","event":"do')
  expect(others.map((line) => JSON.parse(line))).toEqual([
    { time: expect.any(String), ...entry },
    { time: expect.any(String), ...entry, event: 'done' },
  ])
})

it('long entries that are made at once stay apart', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-audit-')), 'log')
  const audit = createAuditLog(file)
  const messages = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(1_000_000))
  await Promise.all(messages.map((message) => audit({ ...entry, message })))
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line).message).sort()).toEqual(messages)
})
