import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { postQuery, readCounter } from '../../support/example'
import { until } from '../../support/until'
import { besideClient, inShort, isAllRight } from '../stage/besideClient'
import { everything } from '../stage/questions'
import { SmallDisk } from '../stage/smallDisk'
import type { Trouble } from '../trouble'

const rules = `
objectives:
  RECOMMEND_TITLES: { default: title-recommender@3 }
  PREDICT_RATING: { default: { experiment: content } }
  PAYMENT_RISK: { default: payment-risk@3 }
  ABUSE_SCORE: { default: abuse-score@2 }
  SEARCH_TITLES: { default: title-search@2 }
experiments:
  content: { salt: one, cells: [{ name: all, percent: 100, use: rating-predictor@4 }] }
`

export const fullDisk: Trouble = {
  title: 'the disk of exposures, rule versions and log is full, and has room again',
  isShort: true,
  async cause(stage) {
    const disk = SmallDisk.mount(stage)
    const folder = disk?.folder ?? join(stage.folder, 'folder')
    if (disk === undefined) mkdirSync(folder)
    const file = join(stage.folder, 'rules.yaml')
    writeFileSync(file, rules)
    const exposures = join(folder, 'exposures.jsonl')
    const logFile = join(folder, 'log')
    const server = await stage.start(
      () => ({
        rules: { file, store: { files: join(folder, 'rules') } },
        exposures: { file: exposures },
        log: { level: 'info' },
      }),
      { logFile },
    )
    // Where no disk can be mounted the process may make no file longer, which fails as writing to a full disk does.
    const limit = (bytes: string) =>
      execFileSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:`])
    const fill = () => (disk ? disk.fill() : limit('1'))
    const free = () => (disk ? disk.free() : limit('unlimited'))
    const status = async () =>
      (await postQuery(server.url, '{ ruleStatus { state inEffect } }')).data.ruleStatus
    const lost = () =>
      readCounter(server.url.replace('/graphql', '/metrics'), 'presage_exposures_dropped_total', {
        reason: 'write-failed',
      })
    const linesOf = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8').split('\n').length : 0)
    const headers = { 'x-member': '12' }
    await besideClient(stage, server, { questions: everything, headers }, async (client) => {
      await until(() => linesOf(exposures) > 1)
      const tally = await client.during(async () => {
        fill()
        await until(async () => (await lost()) > 0)
        writeFileSync(file, `${rules}message: While the disk is full\n`)
        await wait(1_000)
        const { state, inEffect } = await status()
        stage.promise('the rules in effect stay', state === 'current' && inEffect === 1, { state, inEffect })
      })
      stage.saw(`${inShort(tally)}; ${await lost()} exposures lost`)
      stage.promise('no request fails', isAllRight(tally), tally)
      const after = await client.during(async () => {
        free()
        const [recorded, logged] = [linesOf(exposures), linesOf(logFile)]
        writeFileSync(file, `${rules}message: With room again\n`)
        await until(async () => (await status()).inEffect === 2)
        await until(() => linesOf(exposures) > recorded)
        await until(() => linesOf(logFile) > logged)
      })
      stage.saw(`with room again: ${inShort(after)}`)
      stage.promise('no request fails when there is room again', isAllRight(after), after)
      const torn = readFileSync(exposures, 'utf8')
        .split('\n')
        .slice(0, -1)
        .filter((line) => !isJson(line))
      stage.promise('at most one line of the exposures is cut', torn.length <= 1, torn)
    })
  },
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line)
    return true
  } catch {
    return false
  }
}
