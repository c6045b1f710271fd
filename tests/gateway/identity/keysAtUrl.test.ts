import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createKeysAtUrl, fetchKeys } from '../../../gateway/identity/keysAtUrl'

test.each<[string, RequestListener, string]>([
  ['a body that stops half-way', (_, response) => void response.write('{"keys"'), 'no answer within 200 ms'],
  ['a page', (_, response) => void response.end('<html>'), 'no JSON'],
  ['a list of something else', (_, response) => void response.end('{"keys":[null]}'), 'no list of keys'],
  ['a redirect', (_, response) => void response.writeHead(302, { location: '/other' }).end(), 'status 302'],
])('%s is no JWK set', async (_, answer, came) => {
  await withServer(answer, async (url) => {
    const withinMs = came.startsWith('no answer') ? 200 : 60_000
    await expect(fetchKeys(url, withinMs)).rejects.toThrow(
      `${url}: must be answered with a JWK set, got ${came}`,
    )
  })
})

test('who tried older keys than the last ones gets these, whoever had them fetched', async () => {
  let fetched = 0
  const answer: RequestListener = (_, response) => void response.end(`{"keys":[{"kid":"${++fetched}"}]}`)
  const clock = jest.spyOn(performance, 'now').mockReturnValue(0)
  try {
    await withServer(answer, async (url) => {
      const keys = createKeysAtUrl(
        url,
        (set) => set,
        () => {},
      )
      const first = await keys.get()
      expect(await keys.newer(first)).toBeUndefined()
      clock.mockReturnValue(30_000)
      const second = await keys.newer(first)
      expect(second).toEqual({ keys: [{ kid: '2' }] })
      expect(await keys.newer(first)).toBe(second)
      expect(await keys.newer(second!)).toBeUndefined()
    })
  } finally {
    clock.mockRestore()
  }
})

async function withServer(answer: RequestListener, run: (url: string) => Promise<void>): Promise<void> {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}
