import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { runtimePackage } from '../../workers/runtime/onnxRuntime'
import { deadLinks, readPages } from '../docs/markdown'
import { postQuery } from '../support/example'
import { type Consumer, command, copyExample, createConsumer } from './consumer'
import { npm, type PackedPackage, packFresh } from './packedPackage'

let packed: PackedPackage

beforeAll(() => {
  packed = packFresh()
}, 300_000)
afterAll(() => packed?.dispose())

const query = '{ applicants { id expectedIncome } applicant(id: "3") { job } }'
const answer = {
  data: {
    applicants: [
      { id: '1', expectedIncome: expect.closeTo(111.255, 2) },
      { id: '2', expectedIncome: expect.closeTo(155.329, 2) },
      { id: '3', expectedIncome: expect.closeTo(113.106, 2) },
    ],
    applicant: { job: null },
  },
}

describe('in an empty folder, where the script of ONNX Runtime finds nothing to download', () => {
  let consumer: Consumer

  beforeAll(() => {
    consumer = createConsumer(packed)
    // As npm leaves it whose install scripts run; others do not run them, and have it.
    rmSync(join(consumer.folder, 'node_modules', runtimePackage.name), { recursive: true, force: true })
    copyExample(consumer)
  }, 300_000)
  afterAll(() => consumer?.dispose())

  it('has what its users need, and neither tests nor benches nor sources', () => {
    const folder = join(consumer.folder, 'node_modules/presage')
    const content = readdirSync(folder)
    expect(content).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'deploy',
        'dist',
        'docs',
        'examples',
        'schemas',
        'templates',
      ]),
    )
    for (const name of ['bench', 'tests', 'cli', 'subgraphs']) expect(content).not.toContain(name)
    const compiled = readdirSync(join(folder, 'dist'))
    for (const room of ['bench', 'tests', 'subgraphs']) expect(compiled).not.toContain(room)
    const licences = readFileSync(join(folder, 'dist/console/page/licences.txt'), 'utf8')
    for (const name of ['preact', '@preact/signals', 'uplot', 'diff', 'yaml'])
      expect(licences).toMatch(new RegExp(`^${name}\\n\\n.*copyright`, 'ims'))
  })

  it('has pages whose links lead to something', () => {
    const installed = join(consumer.folder, 'node_modules/presage')
    expect(deadLinks(installed, readPages(installed))).toEqual([])
  })

  it('composes without ONNX Runtime', async () => {
    expect(await consumer.presage(['compose'])).toMatchObject({ code: 0, err: '' })
  })

  it('says what to run where it may not install ONNX Runtime', async () => {
    const environment = { PRESAGE_INSTALL_RUNTIME: 'never' }
    expect(await consumer.presage(['models', 'check'], environment)).toEqual({
      code: 1,
      out: '',
      err: `onnxruntime-node ${runtimePackage.version}: must be installed, got nothing; run npx presage install-runtime\n1 problem\n`,
    })
  })

  it('says so as well in a server of a team', async () => {
    const script =
      "require('presage/subgraph').createPredictionSubgraph({}).catch((error) => console.log(error.message))"
    const out = execFileSync(process.execPath, ['-e', script], { cwd: consumer.folder, encoding: 'utf8' })
    expect(out).toMatch(
      /^onnxruntime-node \S+: must be installed, got nothing; run npx presage install-runtime\n$/,
    )
  })

  it('asks the registry of the project, and says why npm could not install it', async () => {
    const settings = join(consumer.folder, '.npmrc')
    writeFileSync(settings, 'registry=http://127.0.0.1:9/\nfetch-retries=0\n')
    const environment = {
      npm_config_registry: '',
      npm_config_local_prefix: consumer.folder,
      npm_config_cache: join(consumer.folder, 'cache'),
    }
    const { code, err } = await consumer.presage(['install-runtime'], environment)
    rmSync(settings)
    expect(code).toBe(1)
    expect(err).toMatch(
      /\nonnxruntime-node@\S+: must be installable by npm, got .*ECONNREFUSED.*\n1 problem\n$/,
    )
    expect(readdirSync(join(consumer.folder, 'node_modules/.cache/presage'))).toEqual([])
  })

  it('installs it by itself, even if two do so at once', async () => {
    const both = await Promise.all([
      consumer.presage(['models', 'check']),
      consumer.presage(['models', 'check']),
    ])
    const folder = `node_modules/.cache/presage/onnxruntime-node-${runtimePackage.version}`
    for (const one of both) {
      expect(one).toMatchObject({ code: 0, out: 'income-estimator@1 is ready\n' })
    }
    expect(both.map(({ err }) => err)).toContain(
      `onnxruntime-node@${runtimePackage.version} is not installed: npm installs it once, in ${folder}\n`,
    )
    expect(readdirSync(join(consumer.folder, 'node_modules/.cache/presage'))).toHaveLength(1)
    // An image installs it as root and serves as another user.
    expect(statSync(join(consumer.folder, folder)).mode & 0o777).toBe(0o777 & ~process.umask())
    expect(await consumer.presage(['install-runtime'])).toEqual({
      code: 0,
      out: `ONNX Runtime is in ${folder}/node_modules/onnxruntime-node\n`,
      err: '',
    })
  }, 120_000)

  it('serves predictions', async () => {
    const server = await consumer.start(command, ['start', '--port', '0'], /Presage serves (\S+)/)
    try {
      expect(await postQuery(server.ready, query)).toEqual(answer)
      expect(await postQuery(server.ready, '{ models { name ready } objectives { fields } }')).toEqual({
        data: {
          models: [{ name: 'income-estimator', ready: true }],
          objectives: [{ fields: ['Applicant.expectedIncome'] }],
        },
      })
      const page = await fetch(new URL('/console', server.ready))
      expect(page.headers.get('content-security-policy')).toContain("connect-src 'self'")
      expect(await page.text()).toContain('Presage console')
    } finally {
      expect(await server.stop()).toBe(0)
    }
  })
})

describe('in a project with an Apollo Server and a graphql of its own', () => {
  let consumer: Consumer

  beforeAll(() => {
    consumer = createConsumer(
      packed,
      ['graphql@16.11.0', '@apollo/server@5', '@types/node@20'],
      ['--ignore-scripts'],
    )
    copyExample(consumer)
  }, 300_000)
  afterAll(() => consumer?.dispose())

  it('has one copy of graphql, the project\u2019s', () => {
    const tree = JSON.parse(npm(['ls', 'graphql', '--all', '--json'], consumer.folder))
    expect(new Set(versionsOf(tree, 'graphql'))).toEqual(new Set(['16.11.0']))
  })

  it('predicts in its server', async () => {
    process.env['PORT'] = '0'
    const server = await consumer.start('server.mjs', [], /loans at (\S+)/)
    try {
      expect(await postQuery(server.ready, query)).toEqual(answer)
    } finally {
      expect(await server.stop()).toBe(0)
    }
    // Nothing had to be installed beside what npm had.
    expect(existsSync(join(consumer.folder, 'node_modules/.cache/presage'))).toBe(false)
  })

  it('is typed, for import and for require', () => {
    const use = (subgraph: string) => `
      import { ApolloServer } from '@apollo/server'
      import { createPredictionSubgraph, type PredictionSubgraph, type SubgraphContext } from 'presage/subgraph'
      import { type CreateResolvers, PresageError, type ReferenceResolver, type Resolver } from 'presage/resolvers'

      interface Applicant { readonly id: string; readonly age: number }
      const applicant: Resolver<unknown, { id: string }, Applicant> = (_, { id }, { request }) => {
        if (request.isAborted) throw new PresageError('CANCELLED', 'nobody waits')
        return { id, age: Number(request.context['age']) }
      }
      const find: ReferenceResolver<{ id: string }, Applicant> = ({ id }) => ({ id, age: 1 })
      export const createResolvers: CreateResolvers = (settings) => ({
        Query: { applicant, setting: (_: unknown, { name }: { name: string }) => settings[name] },
        Applicant: { __resolveReference: find },
      })
      export async function start(): Promise<ApolloServer<SubgraphContext>> {
        const predictions: PredictionSubgraph = await createPredictionSubgraph(${subgraph})
        return new ApolloServer<SubgraphContext>({ schema: predictions.schema, plugins: [predictions.plugin] })
      }`
    const options = "{ config: 'presage.yaml', name: 'loans', schema: 'loans/schema.graphql' }"
    for (const file of ['used.mts', 'used.cts']) writeFileSync(join(consumer.folder, file), use(options))
    writeFileSync(join(consumer.folder, 'wrong.mts'), use("{ config: 1, name: 'loans', schema: '' }"))
    const compile = (...files: string[]) =>
      execFileSync(
        process.execPath,
        [
          join(packageRoot, 'node_modules/typescript/bin/tsc'),
          ...['--noEmit', '--strict', '--module', 'nodenext', '--target', 'es2022', '--types', 'node'],
          ...files,
        ],
        { cwd: consumer.folder, encoding: 'utf8' },
      )
    expect(compile('used.mts', 'used.cts')).toBe('')
    expect(() => compile('wrong.mts')).toThrow(
      expect.objectContaining({ stdout: expect.stringMatching(/^wrong\.mts\(/) }),
    )
  })
})

/** The versions of a package in a tree as `npm ls` prints it. */
function versionsOf(tree: Tree, name: string): string[] {
  return Object.entries(tree.dependencies ?? {}).flatMap(([key, dependency]) => [
    ...(key === name && dependency.version !== undefined ? [dependency.version] : []),
    ...versionsOf(dependency, name),
  ])
}

interface Tree {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, Tree>>
}
