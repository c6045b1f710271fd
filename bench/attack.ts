/** A client that takes what it can get, until its parent goes: `node attack.js NAME URL`. Sends `{ url }` once it has begun. */
import { attacker, attacks } from './attacks'
import { RawClient } from './rawClient'

const [name, url] = process.argv.slice(2)
const { connections, perMinute, body } = attacks[name]

async function main(): Promise<void> {
  const client = await RawClient.open(url, connections)
  let next = 0
  const ask = (then: () => void) =>
    client.send(client.prepare(body(next++), attacker), {
      onAnswer: () => queueMicrotask(then),
      onFailure() {},
    })
  const again = () => ask(again)
  if (perMinute === undefined) for (let n = 0; n < connections; n++) again()
  else setInterval(() => ask(() => {}), 60_000 / perMinute)
  process.send!({ url })
  process.on('disconnect', () => process.exit(0))
}

main()
