import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { UpServers } from '../../../cli/proxy/upServers'
import { FakeClock, settle } from '../../support/fakeClock'
import { SetMembers } from '../../support/setMembers'

it('a server that is no member any more is let go, though it could still be asked', async () => {
  const asked: string[] = []
  const server = createServer(({ url = '' }, response) => {
    asked.push(url)
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const clock = new FakeClock()
  const source = new SetMembers()
  source.set([address])
  const up = new UpServers({
    ...{ shard: 'far', source, protocol: 'http', copies: 1, clock },
    changed: () => {},
    log: () => {},
  })
  await up.tried()
  source.set([])
  await settle()
  asked.length = 0
  clock.advance(1_000)
  await settle()
  await fetch(`http://${address}/last`)
  await up.close()
  server.close()
  expect(asked).toEqual(['/last'])
})
