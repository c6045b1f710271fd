import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { envoyBinary } from '../support/envoyBinary'
import { EnvoyServer } from '../support/envoyServer'
import { runPresage } from '../support/presageCommand'
import { findPython } from '../support/pythonVenv'
import { until } from '../support/until'

/** A server that stops. Of connections that it has not taken, its system takes two and ignores further ones. */
const stopping = `
const server = require('node:http').createServer((_, response) => response.end('stopping'))
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port))
`

const python = findPython()
if (python === undefined) {
  const reason = 'no Python from 3.10 on with venv and pip in PATH, and PYTHON names none'
  console.warn(`skipped: ${reason}`)
  it.skip(`skipped: ${reason}`, () => {})
} else {
  describe('Envoy, with a server that takes no connections and refuses none', () => {
    let other: Server
    let silent: ChildProcess
    let envoy: EnvoyServer
    const sockets: Socket[] = []

    beforeAll(async () => {
      const binary = envoyBinary(python)
      const folder = mkdtempSync(join(tmpdir(), 'presage-xds-'))
      other = createServer((_, response) => response.end('other')).listen(0, '127.0.0.1')
      silent = spawn(process.execPath, ['-e', stopping], { stdio: ['ignore', 'pipe', 'inherit'] })
      const [[line]] = await Promise.all([once(silent.stdout!, 'data'), once(other, 'listening')])
      const ports = [Number(String(line)), (other.address() as AddressInfo).port]
      const config = join(folder, 'presage.yaml')
      const endpoints = JSON.stringify(ports.map((port) => `127.0.0.1:${port}`))
      writeFileSync(
        config,
        `server: { timeout: 8s }\nrepositories: []\nshards:\n  main: {}\n  far: { endpoints: ${endpoints} }\n`,
      )
      const written = await runPresage(['--config', config, 'proxy', 'sync', '--out', folder, '--once'])
      expect(written).toMatchObject({ code: 0, err: '' })
      envoy = await EnvoyServer.start(binary, folder)
      const answers = new Set<string>()
      await until(async () => answers.add(await (await call()).text()).size > 1)
      silent.kill('SIGSTOP')
      for (let n = 0; n < 8; n++) sockets.push(connect(ports[0], '127.0.0.1').on('error', () => {}))
      await once(sockets[0], 'connect')
    }, 600_000)
    afterAll(async () => {
      silent?.kill('SIGKILL')
      for (const socket of sockets) socket.destroy()
      other?.close()
      await envoy?.stop()
    })

    const call = () => fetch(`${envoy.url}/v2/models/a`, { headers: { 'x-presage-routing-key': 'a@1@far' } })

    it('has another one answer each call in time', async () => {
      // So many may be sent again at once, however few are in flight.
      const answers = await Promise.all(Array.from({ length: 10 }, async () => (await call()).text()))
      expect(answers).toEqual(Array(10).fill('other'))
    })
  })
}
