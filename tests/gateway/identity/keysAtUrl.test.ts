import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fetchKeys } from '../../../gateway/identity/keysAtUrl'

test.each<[string, RequestListener, string]>([
  ['a body that stops half-way', (_, response) => void response.write('{"keys"'), 'no answer within 200 ms'],
  ['a page', (_, response) => void response.end('<html>'), 'no JSON'],
  ['a list of something else', (_, response) => void response.end('{"keys":[null]}'), 'no list of keys'],
  ['a redirect', (_, response) => void response.writeHead(302, { location: '/other' }).end(), 'status 302'],
])('%s is no JWK set', async (_, answer, came) => {
  const server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`
  try {
    await expect(fetchKeys(url, 200)).rejects.toThrow(`${url}: must be answered with a JWK set, got ${came}`)
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
