import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '../../cli/config/config'
import { startInference } from '../../cli/worker/startInference'
import { writeSmallVersion, writeWorkerConfig } from '../support/tensorRepository'

it.each([
  ['httpPort', '--http-port', 'worker.http.port'],
  ['grpcPort', '--grpc-port', 'worker.grpc.port'],
])('a worker whose %s is in use says so, and which option takes another', async (key, option, inFile) => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-port-'))
  writeSmallVersion(folder, 'a', '1')
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const ports = { httpPort: 0, grpcPort: 0, [key]: port }
  try {
    await expect(
      startInference(loadConfig(writeWorkerConfig(folder, '')), 'main', ports, () => {}),
    ).rejects.toThrow(
      `127.0.0.1:${port} is in use by another process; try ${option} with another port (0 takes any that is free), or ${inFile} in `,
    )
  } finally {
    other.close()
  }
})
