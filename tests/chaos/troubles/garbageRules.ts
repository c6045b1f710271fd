import { randomBytes } from 'node:crypto'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { postQuery } from '../../support/example'
import { until } from '../../support/until'
import { besideClient, inShort, isAllRight } from '../stage/besideClient'
import { everything } from '../stage/questions'
import type { Trouble } from '../trouble'

export const garbageRules: Trouble = {
  title: 'the rule file is cut in half, holds garbage, is whole again',
  isShort: true,
  async cause(stage) {
    const file = join(stage.folder, 'rules.yaml')
    copyFileSync(join(packageRoot, 'examples/streaming/rules.yaml'), file)
    const whole = readFileSync(file, 'utf8')
    const server = await stage.start(() => ({ rules: file }))
    const refusals = () => server.stderr().split('not published; the rules in effect stay').length - 1
    const status = async () =>
      (await postQuery(server.url, '{ ruleStatus { inEffect state } }')).data.ruleStatus
    await besideClient(stage, server, { questions: everything }, async (client) => {
      const tally = await client.during(async () => {
        writeFileSync(file, whole.slice(0, whole.length / 2))
        await until(() => refusals() === 1)
        writeFileSync(file, randomBytes(2_000))
        await until(() => refusals() === 2)
        const meanwhile = await status()
        const isKept = meanwhile.inEffect === 1 && meanwhile.state === 'current'
        stage.promise('the rules in effect stay', isKept, meanwhile)
        writeFileSync(file, whole.replace(/^message: .*/m, 'message: Whole again'))
        await until(async () => (await status()).inEffect === 2)
      })
      stage.saw(inShort(tally))
      stage.promise('no request fails', isAllRight(tally), tally)
    })
  },
}
