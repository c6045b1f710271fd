import { setTimeout as wait } from 'node:timers/promises'
import { readCounter } from '../../support/example'
import { besideClient, failsOnlyWith, inShort, isAllRight } from '../stage/besideClient'
import { MovableClock } from '../stage/movableClock'
import { ratings } from '../stage/questions'
import { startSplit } from '../stage/split'
import type { Trouble } from '../trouble'

export const clockOfGateway: Trouble = {
  title: "the gateway's wall clock is 6 hours ahead of its subgraphs', then 6 behind",
  async cause(stage) {
    const clock = new MovableClock(stage)
    const split = await startSplit(stage, {
      subgraphs: ['catalog', 'recommendations'],
      gateway: clock.surroundings,
    })
    const { gateway } = split
    const envelopes = (result: string) =>
      readCounter(split.subgraph('catalog').ready.replace(/graphql$/, 'metrics'), 'presage_envelopes_total', {
        result,
      })
    await besideClient(stage, gateway, { questions: ratings }, async (client) => {
      const moved = (hours: number) =>
        client.during(async () => {
          await clock.moveTo(gateway, hours)
          await wait(2_000)
        })
      const [invalid, expired] = [await envelopes('invalid'), await envelopes('expired')]
      const ahead = await moved(6)
      stage.saw(`ahead: ${inShort(ahead)}; ${(await envelopes('invalid')) - invalid} envelopes invalid`)
      stage.promise(
        "a gateway that is ahead asks in nobody's name, and is answered",
        isAllRight(ahead),
        ahead,
      )
      stage.promise('presage_envelopes_total counts them as invalid', (await envelopes('invalid')) > invalid)

      const behind = await moved(-6)
      stage.saw(`behind: ${inShort(behind)}; ${(await envelopes('expired')) - expired} envelopes expired`)
      const isKept = failsOnlyWith(behind, ['DEADLINE_EXCEEDED', 'UPSTREAM_FAILED'])
      stage.promise('requests of one that is behind are late', isKept && behind.right < behind.sent, behind)
      stage.promise('presage_envelopes_total counts them as expired', (await envelopes('expired')) > expired)
      await clock.moveTo(gateway, 0)
    })
  },
}
