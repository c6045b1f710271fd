import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { packageRoot } from '../../../lib/packagePaths'
import { postQuery } from '../../support/example'
import { until } from '../../support/until'
import { besideClient, inShort, isAllRight } from '../stage/besideClient'
import { everything } from '../stage/questions'
import type { Trouble } from '../trouble'

const streaming = join(packageRoot, 'examples/streaming')
const parts = 20

export const halfModel: Trouble = {
  title: 'a version comes with half of its graph; then its manifest is written slowly',
  async cause(stage) {
    const root = join(stage.folder, 'repository')
    for (const name of ['objectives', 'models'])
      cpSync(join(streaming, name), join(root, name), { recursive: true })
    const folder = join(root, 'models/payment-risk/2')
    rmSync(folder, { recursive: true })
    const server = await stage.start(({ repositories }) => ({
      repositories: [root, ...repositories.slice(1)],
    }))
    const original = join(streaming, 'models/payment-risk/2')
    await besideClient(stage, server, { questions: everything }, async (client) => {
      const tally = await client.during(async () => {
        mkdirSync(folder)
        const graph = readFileSync(join(original, 'model.onnx'))
        writeFileSync(join(folder, 'model.onnx'), graph.subarray(0, graph.length / 2))
        for (const name of ['golden.json', 'model.yaml']) cpSync(join(original, name), join(folder, name))
        await until(async () => (await stateOf(server.url))?.reason?.includes('model.onnx') === true)
        stage.saw(`half a graph: ${(await stateOf(server.url))?.reason}`)
        writeFileSync(join(folder, 'model.onnx'), graph)
        await until(async () => (await stateOf(server.url))?.ready === true)

        rmSync(folder, { recursive: true })
        await until(async () => (await stateOf(server.url)) === undefined)
        cpSync(original, folder, { recursive: true, filter: (path) => !path.endsWith('model.yaml') })
        const refused = () => server.stderr().split('payment-risk@2 is not ready').length
        const before = refused()
        const manifest = readFileSync(join(original, 'model.yaml'), 'utf8')
        for (let part = 1; part <= parts; part++) {
          writeFileSync(join(folder, 'model.yaml'), manifest.slice(0, (manifest.length * part) / parts))
          await wait(200)
        }
        await until(async () => (await stateOf(server.url))?.ready === true)
        stage.promise('a manifest that still grows is not read', refused() === before, server.stderr())
      })
      stage.saw(inShort(tally))
      stage.promise('no request fails', isAllRight(tally), tally)
    })
  },
}

async function stateOf(url: string): Promise<{ ready: boolean; reason: string | null } | undefined> {
  const { data } = await postQuery(url, '{ models { name version ready reason } }')
  const all = data.models as { name: string; version: string; ready: boolean; reason: string | null }[]
  return all.find(({ name, version }) => name === 'payment-risk' && version === '2')
}
