import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import {
  createDocumentResolver,
  parseTrustedDocuments,
  resolveDocuments,
} from '../../../gateway/apollo/trustedDocuments'
import { LoadError, PresageError } from '../../../lib/errors'
import { anyText, anyValue, changedTree, editedText } from '../arbitraries'
import type { Sent } from '../asker'
import { requireProblems } from '../requireProblems'
import { startExampleServer } from './exampleServer'
import { type Kind, kindOf, type Outcome } from './kind'

interface Input {
  /** Sent to the server, or to a resolver that serves trusted documents only. */
  readonly asks?: Sent
  /** A file of trusted documents. */
  readonly manifest?: string
}

/** Documents that are named and not sent: extensions of persisted queries, ids of trusted documents, and files of these. */
export async function startPersisted(): Promise<Kind> {
  const folder = mkdtempSync(join(tmpdir(), 'presage-fuzz-documents-'))
  const file = join(folder, 'manifest.json')
  writeFileSync(file, JSON.stringify(manifest))
  const server = await startExampleServer(file)
  const only = createDocumentResolver({
    byId: parseTrustedDocuments(JSON.stringify(manifest), named),
    only: true,
  })

  const feed = async ({ asks, manifest: text }: Input): Promise<Outcome> => {
    if (text !== undefined) return read(text)
    const sent = asks ?? {}
    resolve(sent, only)
    return server.require(sent, await server.ask(sent))
  }
  return kindOf<Input>({
    inputs: fc.oneof(
      { weight: 5, arbitrary: asked.map((asks) => ({ asks })) },
      { weight: 1, arbitrary: manifests.map((one) => ({ manifest: one })) },
    ),
    feed,
    show: (input) => JSON.stringify(input).slice(0, 3000),
    limitMs: 10_000,
    width: 4,
    async close() {
      await server.close()
      rmSync(folder, { recursive: true })
    },
  })
}

const named = 'manifest.json'
const texts = [
  '{ titles(first: 1) { id } }',
  'query A { titles(first: 2) { id } } query B { titles(first: 1) { name } }',
  '{ nothing }',
  '{',
]
const hashes = texts.map((text) => createHash('sha256').update(text).digest('hex'))
const manifest = {
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [
    { id: 'first', body: '{ titles(first: 1) { name } }', name: 'First', type: 'query' },
    { id: '__proto__', body: '{ titles(first: 1) { year } }' },
    { id: hashes[1], body: texts[1] },
  ],
}

function read(text: string): Outcome {
  try {
    parseTrustedDocuments(text, named)
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    requireProblems(error.problems, named)
    return 'refused'
  }
  return 'taken'
}

function resolve({ body, search = '' }: Sent, resolver: ReturnType<typeof createDocumentResolver>): void {
  try {
    resolveDocuments(search, body === undefined ? undefined : JSON.parse(String(body)), resolver)
  } catch (error) {
    if (!(error instanceof PresageError || error instanceof SyntaxError)) throw error
  }
}

const ids = [
  'first',
  '__proto__',
  'constructor',
  'sha256:first',
  ...hashes,
  hashes[0].toUpperCase(),
  `${hashes[0]}0`,
  '',
]
const id = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<unknown>(...ids) },
  { weight: 1, arbitrary: anyText },
  { weight: 1, arbitrary: anyValue },
)
const extension = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(id, fc.constantFrom<unknown>(1, 1, 1, '1', 2, null, undefined))
      .map(([sha256Hash, version]) => ({ version, sha256Hash })),
  },
  { weight: 1, arbitrary: anyValue },
)
const request = fc.record(
  {
    query: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom<unknown>(...texts, undefined, undefined, null) },
      { weight: 1, arbitrary: editedText(texts) },
      { weight: 1, arbitrary: anyValue },
    ),
    documentId: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 2, arbitrary: id }),
    operationName: fc.constantFrom<unknown>(undefined, undefined, 'A', 'B', 'C', '', null, 3, '__proto__'),
    extensions: fc.oneof(
      { weight: 6, arbitrary: extension.map((persistedQuery) => ({ persistedQuery })) },
      { weight: 1, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: anyValue },
    ),
  },
  { requiredKeys: [] },
)
const headers = { 'content-type': 'application/json', 'apollo-require-preflight': '1' }
const asked: fc.Arbitrary<Sent> = fc.oneof(
  { weight: 5, arbitrary: request.map((one) => ({ body: JSON.stringify(one), headers })) },
  {
    weight: 1,
    arbitrary: fc.array(request, { maxLength: 4 }).map((all) => ({ body: JSON.stringify(all), headers })),
  },
  {
    weight: 2,
    arbitrary: request.map((one) => {
      const parameters = Object.entries(one).map(([key, value]) => {
        const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
        return `${key}=${encodeURIComponent(Buffer.from(text).toString())}`
      })
      return { method: 'GET', search: `?${parameters.join('&')}`.slice(0, 8000), headers }
    }),
  },
)
const manifests = fc.oneof(
  changedTree([manifest], ['id', 'body', 'operations', 'format', 'version']).map(
    (one) => JSON.stringify(one) ?? '',
  ),
  editedText([JSON.stringify(manifest)]),
)
