import { setTimeout as wait } from 'node:timers/promises'
import { audience, createSigner, issuer } from '../../gateway/tokens'
import { postQuery } from '../../support/example'
import { besideClient, inShort, isAllRight } from '../stage/besideClient'
import { MovableClock } from '../stage/movableClock'
import { everything } from '../stage/questions'
import type { Trouble } from '../trouble'

export const clockJumps: Trouble = {
  title: 'the wall clock of a process jumps 6 hours forth, 12 back, and to where it was',
  isShort: true,
  async cause(stage) {
    const signer = createSigner()
    const clock = new MovableClock(stage)
    const server = await stage.start(
      ({ trust }) => ({ trust: { ...trust, jwt: { issuer, audience, publicKey: signer.pemFile } } }),
      clock.surroundings,
    )
    const inAnHour = Math.floor(Date.now() / 1000) + 3_600
    const token = await signer.sign({ exp: inAnHour, nbf: inAnHour - 7_200 })
    const withToken = async () => {
      const headers = { authorization: `Bearer ${token}` }
      const { errors } = await postQuery(server.url, '{ titles(first: 1) { id } }', {}, headers)
      return errors?.[0].extensions.code ?? 'taken'
    }
    const status = async () => {
      const headers = {
        authorization: `Bearer ${await signer.sign({ exp: inAnHour + 50_000, roles: ['viewer'] })}`,
      }
      const answer = await postQuery(server.url, '{ ruleStatus { state } }', {}, headers)
      return answer.data?.ruleStatus.state ?? answer.errors?.[0].message
    }
    await besideClient(stage, server, { questions: everything }, async (client) => {
      const told: string[] = [await withToken()]
      const tally = await client.during(async () => {
        for (const hours of [6, -6, 0]) {
          await clock.moveTo(server, hours)
          // Longer than a lease of the rule store's nodes is renewed, and than deadlines are.
          await wait(1_500)
          told.push(await withToken())
          const state = await status()
          stage.promise(`the rules stay current at ${hours} hours`, state === 'current', state)
        }
      })
      stage.saw(`${inShort(tally)}; a token of an hour: ${told.join(', ')}`)
      stage.promise('no request fails', isAllRight(tally), tally)
      const isKept = told.join() === 'taken,UNAUTHENTICATED,taken,taken'
      stage.promise('a token that has expired by the clock is refused, and no other', isKept, told)
    })
  },
}
