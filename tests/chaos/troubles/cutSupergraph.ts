import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { until } from '../../support/until'
import { besideClient, inShort, isAllRight } from '../stage/besideClient'
import { names } from '../stage/questions'
import { startSplit } from '../stage/split'
import type { Trouble } from '../trouble'

export const cutSupergraph: Trouble = {
  title: 'the supergraph file of the gateway is cut in half, is gone, is whole again',
  isShort: true,
  async cause(stage) {
    const whole = readFileSync(join(packageRoot, 'schema/supergraph.graphql'), 'utf8')
    const file = join(stage.folder, 'supergraph.graphql')
    writeFileSync(file, whole)
    const change = ({ graph }: { graph: object }) => ({ graph: { ...graph, supergraph: file } })
    const { gateway } = await startSplit(stage, { subgraphs: ['catalog'], change })
    const written = (line: RegExp) => until(() => line.test(gateway.stderr()))
    await besideClient(stage, gateway, { questions: names }, async (client) => {
      const tally = await client.during(async () => {
        writeFileSync(file, whole.slice(0, whole.length / 2))
        await written(/supergraph\.graphql: .*; the last valid one stays in service/)
        rmSync(file)
        await written(/must be a readable file, got no such file; the last valid one stays in service/)
        writeFileSync(`${file}.next`, `# Another text.\n${whole}`)
        renameSync(`${file}.next`, file)
        await written(/now in service/)
      })
      stage.saw(inShort(tally))
      stage.promise('no request fails', isAllRight(tally), tally)
    })
  },
}
