import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import promises from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { scanRepository } from '../../../models/repository/scanRepository'

afterEach(() => jest.restoreAllMocks())

test('the folders of versions are looked at one after the other', async () => {
  const root = mkdtempSync(join(tmpdir(), 'presage-scan-'))
  const directories = ['risk/1', 'risk/2', 'price/1'].map((name) => join(root, 'models', name))
  for (const directory of directories) {
    mkdirSync(directory, { recursive: true })
    for (const file of ['model.yaml', 'model.onnx']) writeFileSync(join(directory, file), '')
  }
  const open = new Map<string, number>()
  let most = 0
  const { stat } = promises
  jest.spyOn(promises, 'stat').mockImplementation((async (path: string, options: object) => {
    const directory = dirname(path)
    open.set(directory, (open.get(directory) ?? 0) + 1)
    most = Math.max(most, open.size)
    try {
      return await stat(path, options)
    } finally {
      const left = open.get(directory)! - 1
      if (left > 0) open.set(directory, left)
      else open.delete(directory)
    }
  }) as unknown as typeof stat)
  const { versions } = await scanRepository([root])
  expect([...versions.keys()].sort()).toEqual([...directories].sort())
  expect(most).toBe(1)
})
