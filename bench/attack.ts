/** A client that takes what it can get, until its parent goes: `node attack.js NAME URL direct|proxy`. Sends `{ url }` once it has begun. */
import { attacks } from './attacks'
import { origins } from './origins'
import { RawClient } from './rawClient'

const [name, url, by] = process.argv.slice(2)
const { connections, perMinute, body } = attacks[name]

async function main(): Promise<void> {
  const { localAddress, headers } = origins[by].attacker
  const client = await RawClient.open(url, connections, localAddress)
  let next = 0
  const ask = (then: () => void) =>
    client.send(client.prepare(body(next++), headers), {
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
