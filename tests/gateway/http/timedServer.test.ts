import { request } from 'node:http'
import type { AddressInfo, Server } from 'node:net'
import { createTimedServer } from '../../../gateway/http/timedServer'

let server: Server
beforeAll((done) => {
  server = createTimedServer(60_000, ({ url, headers }, response) => {
    response.end(JSON.stringify([url, headers.host]))
  }).listen(0, '127.0.0.1', done)
})
afterAll((done) => {
  server.close(done)
})

test.each([
  ['/graphql?query=http://a/b', '/graphql?query=http://a/b', 'header:1'],
  ['http://url:2/graphql', '/graphql', 'url:2'],
  ['HTTPS://url/graphql?a=b?c', '/graphql?a=b?c', 'url'],
  ['http://[::1]:4000/', '/', '[::1]:4000'],
  ['http://url', '/', 'url'],
  ['http://url?a=b', '/?a=b', 'url'],
  ['*', '*', 'header:1'],
  ['http:///graphql', 'http:///graphql', 'header:1'],
  ['ftp://url/graphql', 'ftp://url/graphql', 'header:1'],
])('the target %s is %s of host %s', async (target, url, host) => {
  expect(await ask(target)).toEqual([url, host])
})

function ask(path: string): Promise<unknown> {
  const { port } = server.address() as AddressInfo
  return new Promise((resolve, reject) => {
    const headers = { host: 'header:1' }
    request({ port, host: '127.0.0.1', method: 'OPTIONS', path, headers, agent: false }, async (response) => {
      resolve(JSON.parse((await response.toArray()).join('')))
    })
      .on('error', reject)
      .end()
  })
}
