import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { resolveRules } from '../../../cli/config/rulesConfig'
import { followRules } from '../../../cli/rules/followedRules'
import { openFileStore } from '../../../routing/store/fileStore'
import { until } from '../../support/until'

/** A process without models that follows the rules. */

const folder = () => mkdtempSync(join(tmpdir(), 'presage-followed-'))
const configured = (store: unknown, more: object = {}) => {
  const own = folder()
  return resolveRules(
    {
      file: 'rules.yaml',
      store,
      prepareTimeout: 1000,
      mutations: false,
      audit: 'audit',
      ...more,
    } as Parameters<typeof resolveRules>[0],
    (path) => resolve(own, path),
    () => 'presage.yaml',
  ).store
}

it('knows what is active, and is a node that is prepared for it without any model', async () => {
  const files = folder()
  const store = await openFileStore({ folder: files })
  const lines: string[] = []
  const rules = await followRules(configured({ files }, { node: 'eu-1' }), 4000, (line) => lines.push(line))
  expect(rules.current()).toBeUndefined()
  const created = await store.create({ text: '{"objectives":{}}', author: 'test', message: '' })
  if (created.kind !== 'created') throw new Error(created.kind)
  await until(() => rules.current() !== undefined)
  expect(rules.current()).toEqual({ number: 1, sha256: created.version!.sha256 })
  await until(async () => (await store.leases())[0]?.prepared.includes(1) === true)
  expect(await store.leases()).toMatchObject([{ node: 'eu-1-gateway', inEffect: 1, prepared: [1] }])
  await rules.dispose()
  expect(await store.leases()).toEqual([])
  expect(lines.at(-1)).toBe('rules: version 1 is in effect, epoch 1, current')
  await store.dispose()
})

it('names no version of rules that are in memory, which another process cannot have', async () => {
  const rules = await followRules(configured('memory'), 4000, () => {})
  expect(rules.current()).toBeUndefined()
  await rules.dispose()
})

it('names none while the folder cannot be had, says so once, and follows when it can', async () => {
  const file = join(folder(), 'a-file')
  writeFileSync(file, '')
  const files = join(file, 'rules')
  const lines: string[] = []
  const rules = await followRules(configured({ files }), 4000, (line) => lines.push(line))
  expect(rules.current()).toBeUndefined()
  expect(lines).toEqual([
    expect.stringMatching(
      /^rules: no version is in effect, waiting \(presage\.yaml: rules\.store\.files: the rule store in .*ENOTDIR/,
    ),
  ])
  rmSync(file)
  const store = await openFileStore({ folder: files })
  await store.create({ text: '{"objectives":{}}', author: 'test', message: '' })
  await until(() => rules.current()?.number === 1)
  expect(lines.slice(1)).toEqual(['rules: version 1 is in effect, epoch 1, current'])
  await rules.dispose()
  await store.dispose()
})
