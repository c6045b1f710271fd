import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compiledPath, packageRoot } from '../../../lib/packagePaths'
import { runNode } from '../../support/presageCommand'

/** Has the command believe that it runs on another Node. */
async function runOn(version: string) {
  const folder = mkdtempSync(join(tmpdir(), 'presage-node-'))
  const pretence = join(folder, 'pretence.cjs')
  writeFileSync(
    pretence,
    `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`,
  )
  return runNode(['--require', pretence, compiledPath('cli/presage'), '--version'], folder)
}

const { engines, version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as {
  readonly engines: { readonly node: string }
  readonly version: string
}

test.each(['18.20.8', '20.9.0'])('Node %s is refused with one line', async (node) => {
  expect(engines.node).toBe('>=20.10')
  expect(await runOn(node)).toEqual({
    code: 1,
    out: '',
    err: `Presage needs Node 20.10 or newer, got ${node}\n`,
  })
})

test.each(['20.10.0', '21.0.0', '24.1.0'])('Node %s will do', async (node) => {
  expect(await runOn(node)).toEqual({ code: 0, out: `${version}\n`, err: '' })
})
