import { join } from 'node:path'
import { z } from 'zod'
import { configJsonSchema } from '../../../../cli/config/schema/configJsonSchema'
import { readYaml } from '../../../../lib/files/parseYaml'
import { readTextFile } from '../../../../lib/files/readTextFile'
import { packageRoot } from '../../../../lib/packagePaths'

const shape = z.fromJSONSchema(configJsonSchema() as Parameters<typeof z.fromJSONSchema>[0])
const accepts = (yaml: string) => shape.safeParse(readYaml(yaml, 'presage.yaml')).success

it('takes a variable of the environment wherever the loader does', () => {
  expect(accepts(`server: { port: "\${env.PORT}", admin: { port: "\${env.ADMIN:-0}" } }`)).toBe(true)
  expect(accepts(`server: { ide: "\${env.IDE:-true}", timeout: "\${env.SECONDS}s" }`)).toBe(true)
  expect(
    accepts(`server: { processes: "\${env.PROCESSES}", fairness: { weights: { eu: "\${env.W}" } } }`),
  ).toBe(true)
  expect(accepts(`shards: { main: { kind: "\${env.KIND}", workers: "\${env.WORKERS:-auto}" } }`)).toBe(true)
  expect(accepts(`server: { cors: { origins: ["https://\${env.HOST}"] } }`)).toBe(true)
})

it('still says what is wrong', () => {
  expect(accepts('server: { port: "4000" }')).toBe(false)
  expect(accepts(`server: { port: "1\${env.PORT}" }`)).toBe(false)
  expect(accepts(`server: { port: "\${PORT}" }`)).toBe(false)
  expect(accepts('server: { ide: "yes" }')).toBe(false)
  expect(accepts('server: { timeout: 5 }')).toBe(false)
  expect(accepts('shards: { main: { kind: fast } }')).toBe(false)
  // No key is replaced.
  expect(accepts(`shards: { "\${env.NAME}": {} }`)).toBe(false)
})

it('takes the configuration that comes with Presage', () => {
  expect(accepts(readTextFile(join(packageRoot, 'presage.yaml')))).toBe(true)
})
