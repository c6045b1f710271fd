import { Explain } from '../../../lib/request/explain'
import { createServices, type Service, type ServiceParts } from '../service'

/** Arguments of prediction fields that are written into the text, new ones each time. */

const start = createServices()

const parts: ServiceParts = {
  subgraphs: {
    library: {
      sdl: `type Query { books(n: Int): [Book!] }
        type Book @key(fields: "id") { id: ID! year: Int }`,
      resolvers: {
        Query: {
          books: (_: unknown, { n }: { n?: number }) =>
            [1990, 1995, 2001].slice(0, n ?? 3).map((year, i) => ({ id: `${i}`, year })),
        },
      },
    },
    scores: {
      sdl: `type Query { score(text: String, flag: Flag): String @predict(objective: "PROBE") }
        type Book @key(fields: "id") { id: ID! year: Int @external
          seen(text: String, flag: Flag): String @requires(fields: "year") @predict(objective: "PROBE") }
        enum Flag { UP DOWN }`,
      resolvers: { Flag: { UP: 'u', DOWN: 'd' } },
    },
  },
  objectives: {
    PROBE: `inputs: { year: { type: Int, nullable: true }, text: { type: String, nullable: true }, flag: { type: String, default: none } }
outputs: { seen: { type: String } }`,
  },
  models: [
    {
      key: 'probe@1',
      features:
        '{ year: { type: Int, nullable: true, range: [0, 2000] }, text: { type: String, nullable: true }, flag: { type: String, default: none } }',
      outputs: '{ seen: { type: String } }',
    },
  ],
}

/** What a client sees of predictions, why they are so, and what reached the model for them. */
async function asked(service: Service, text: string) {
  const before = service.batches.length
  const { data, errors, extensions } = await service.query(text, {}, { explain: new Explain() })
  const seen = { data, errors: errors?.map((error) => error.toJSON()), explained: extensions?.['presage'] }
  const shown = JSON.parse(JSON.stringify({ ...seen, batches: service.batches.slice(before) }), withoutTimes)
  return shown as typeof seen
}

function withoutTimes(key: string, value: unknown): unknown {
  return key === 'queueMs' || key === 'computeMs' ? undefined : value
}

const text = (a: string, flag: string, n: number) =>
  `{ books(n: ${n}) { id seen(text: ${a}, flag: ${flag}) other: seen(text: "all") } score(text: ${a}, flag: ${flag}) }`

test.each([['by columns'], ['row by row']])(
  'are predicted, refused and explained as in a text that comes first, %s',
  async (way) => {
    const both = { ...parts, byRow: way === 'row by row' }
    const service = await start(both)
    for (const query of [
      text('"a"', 'UP', 1),
      text('"b"', 'DOWN', 2),
      text('"c"', 'UP', 3),
      text('null', 'DOWN', 3),
      text('"d"', 'null', 0),
    ]) {
      const answer = await asked(service, query)
      expect(answer).toEqual(await asked(await start(both), query))
      expect(answer.explained).toBeDefined()
    }
    const all = await asked(service, text('"e"', 'UP', 3))
    expect(JSON.stringify(all.data)).toContain('\\"text\\":\\"e\\",\\"flag\\":\\"UP\\"')
    expect(all.errors?.map(({ extensions }) => extensions?.['code'])).toContain('BAD_FEATURE')
  },
)
