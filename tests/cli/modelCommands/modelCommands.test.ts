import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { type EndedCommand, runPresage } from '../../support/presageCommand'
import { presageHere } from '../../support/presageHere'
import { writeSmallVersion, writeVersion } from '../../support/tensorRepository'

const streaming = join(packageRoot, 'examples/streaming')
const exporters = join(packageRoot, 'tests/fixtures/exporters')
const row = { seniority: 3, time: 60, age: 32, records: 'no', expenses: 50, amount: 1100, price: 1226 }

/** Runs a command of the example, or of a folder. */
async function run(args: readonly string[], cwd = packageRoot) {
  return withProblems(await presageHere(args, cwd))
}

/** The same as people run it. */
async function start(args: readonly string[], cwd = packageRoot) {
  return withProblems(await runPresage(args, cwd))
}

function withProblems({ code, out, err }: EndedCommand) {
  return { code, out, problems: err.trim().split('\n').slice(0, -1) }
}

async function json(args: readonly string[], cwd = packageRoot) {
  const { code, out } = await run([...args, '--json'], cwd)
  return { code, value: JSON.parse(out) }
}

/** A folder that is a repository with versions of `payment-risk`, and nothing else: no configuration, no rules. */
function repository(...versions: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'presage-models-'))
  for (const part of ['objectives', ...versions.map((version) => `models/payment-risk/${version}`)]) {
    cpSync(join(streaming, part), join(folder, part), { recursive: true })
  }
  return folder
}

describe('presage models list', () => {
  it('lists every version with how the rule file leads to it', async () => {
    const { out } = await start(['models', 'list'])
    const lines = out.split('\n')
    expect(lines[0]).toMatch(/^model +serves +in rules\.yaml +owner +problem$/)
    expect(lines.find((line) => line.startsWith('payment-risk@3 '))).toMatch(
      /PAYMENT_RISK +default +payments$/,
    )
    expect(lines.find((line) => line.startsWith('payment-risk@1 '))).toMatch(/PAYMENT_RISK +payments$/)
  })

  it('of one objective, for programs', async () => {
    const { value } = await json(['models', 'list', '--objective', 'ABUSE_SCORE'])
    expect(value).toEqual([
      { model: 'abuse-score@1', serves: ['ABUSE_SCORE'], rules: [], owner: 'trust', problems: [] },
      {
        model: 'abuse-score@2',
        serves: ['ABUSE_SCORE'],
        rules: [{ objective: 'ABUSE_SCORE', by: 'default', percent: 100 }],
        owner: 'trust',
        problems: [],
      },
    ])
    expect((await run(['models', 'list', '--objective', 'ABUSE_SCROE'])).problems).toEqual([
      'objective: must be one of the repositories, got "ABUSE_SCROE"; did you mean "ABUSE_SCORE"?',
    ])
  })

  it('says what is wrong with a version whose files are not complete', async () => {
    const folder = repository('1')
    const graph = join(folder, 'models/payment-risk/1/model.onnx')
    writeFileSync(graph, readFileSync(graph).subarray(1))
    expect((await json(['models', 'list'], folder)).value).toMatchObject([
      {
        model: 'payment-risk@1',
        problems: [expect.stringMatching(/^files: .*model\.onnx: must have \d+ bytes/)],
      },
    ])
    expect((await run(['models', 'show', 'payment-risk'], folder)).out).toMatch(/^ +golden cases +not read$/m)
  })

  it('tells each problem of a manifest by itself, as every command does', async () => {
    const folder = repository('1')
    const manifest = join(folder, 'models/payment-risk/1/model.yaml')
    writeFileSync(
      manifest,
      `golden: 5\nwarmUp: [0]\n${readFileSync(manifest, 'utf8').replace(/^(golden|warmUp):.*\n/gm, '')}`,
    )
    const config = 'repositories: [.]\nrules: rules.yaml\ngraph: { subgraphs: rover.yaml }\n'
    writeFileSync(join(folder, 'presage.yaml'), config)
    const path = 'models/payment-risk/1/model.yaml'
    const problems = [
      `manifest: ${path}:1: golden: must be the name of a file in this folder, got 5`,
      `manifest: ${path}:2: warmUp.0: must be a whole number from 1 on, got 0`,
    ].map((line) => expect.stringContaining(line))
    expect((await json(['models', 'list'], folder)).value).toMatchObject([{ problems }])
    expect((await json(['models', 'show', 'payment-risk'], folder)).value).toMatchObject({ problems })
    expect((await json(['models', 'check'], folder)).value).toMatchObject({ problems })
    for (const args of [
      ['models', 'check'],
      ['models', 'try', 'payment-risk', '--features', '{}'],
    ]) {
      expect((await run(args, folder)).problems).toEqual(problems)
    }
    expect((await run(['models', 'list'], folder)).out).toMatch(/golden: must be .*, got 5 \(and 1 more\)$/m)
    expect(
      (await run(['models', 'show', 'payment-risk'], folder)).out.match(/^ +problem +manifest: /gm),
    ).toHaveLength(2)
  })

  it('says why a version does not fit its objective, as loading it would', async () => {
    const folder = repository('1')
    const file = join(folder, 'objectives/PAYMENT_RISK.yaml')
    const text = readFileSync(file, 'utf8')
    writeFileSync(file, text.replace('probability:', 'chance:'))
    const problems = [
      expect.stringMatching(
        /^serves PAYMENT_RISK: output chance: must be provided for PAYMENT_RISK, got probability/,
      ),
    ]
    expect((await json(['models', 'list'], folder)).value).toMatchObject([
      { model: 'payment-risk@1', problems },
    ])
    expect((await json(['models', 'show', 'payment-risk'], folder)).value).toMatchObject({ problems })
    const manifest = join(folder, 'models/payment-risk/1/model.yaml')
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace(/PAYMENT_RISK/g, 'PAYMENT_RISKS'))
    expect((await json(['models', 'list'], folder)).value).toMatchObject([
      {
        problems: [expect.stringMatching(/^serves: must be an objective \(.*\), got PAYMENT_RISKS; did you/)],
      },
    ])
  })
})

describe('presage models show', () => {
  it('shows what a manifest says; of a name alone the newest version', async () => {
    const { value } = await json(['models', 'show', 'payment-risk'])
    const golden = JSON.parse(readFileSync(join(streaming, 'models/payment-risk/3/golden.json'), 'utf8'))
    expect(value).toMatchObject({
      model: 'payment-risk@3',
      problems: [],
      owner: 'payments',
      metrics: [{ name: 'AUC', value: 0.87 }, expect.anything()],
      outputs: [
        { name: 'probability', type: 'Float' },
        { name: 'decision', type: 'APPROVE | REVIEW | DECLINE' },
      ],
      goldenCases: golden.cases.length,
      rules: [{ objective: 'PAYMENT_RISK', by: 'default', percent: 100 }],
    })
    const { out } = await run(['models', 'show', 'payment-risk'])
    expect(out).toMatch(/^features +\{ number: seniority \}$/m)
    expect(out).toMatch(/^income +Float +may be null$/m)
    expect(out).toMatch(/^ {2}golden cases +40$/m)
  })

  it('knows no other', async () => {
    expect(await start(['models', 'show', 'payment-rsk@3'])).toMatchObject({
      code: 1,
      problems: [
        'model: must be a version of the repositories, got "payment-rsk@3"; did you mean "payment-risk@3"?',
      ],
    })
  })
})

describe('presage models try', () => {
  it('warms a graph that takes only texts that it knows up with a golden case, as a start does', async () => {
    const golden = join(exporters, 'models/column-regressor/1/golden.json')
    const [{ input, output }] = JSON.parse(readFileSync(golden, 'utf8')).cases
    expect(
      await json(['models', 'try', 'column-regressor', '--features', JSON.stringify(input)], exporters),
    ).toEqual({
      code: 0,
      value: { model: 'column-regressor@1', rows: [{ cost: expect.closeTo(output.cost, 4) }] },
    })
  })

  it('answers rows as the service does, an error in the place of a bad one', async () => {
    const { code, value } = await json([
      'models',
      'try',
      'payment-risk@2',
      '--features',
      JSON.stringify([row, {}, 7]),
    ])
    expect(code).toBe(1)
    expect(value).toEqual({
      model: 'payment-risk@2',
      rows: [
        { probability: expect.closeTo(0.9, 1), decision: 'DECLINE' },
        {
          error: {
            code: 'BAD_FEATURE',
            message: 'payment-risk@2: feature seniority: must be a whole number, got nothing',
          },
        },
        { error: { code: 'BAD_FEATURE', message: 'a row must be an object of features, got a number' } },
      ],
    })
  })

  it('takes them from a file, more than a queue takes at once, and needs no configuration', async () => {
    const folder = repository('1')
    const rows = Array.from({ length: 2500 }, (_, i) => ({ ...row, age: 18 + (i % 50) }))
    writeFileSync(join(folder, 'rows.json'), JSON.stringify(rows))
    const { code, value } = await json(['models', 'try', 'payment-risk', '--file', 'rows.json'], folder)
    expect(code).toBe(0)
    expect(value.rows).toHaveLength(2500)
    expect(value.rows[2049]).toEqual(value.rows[49])
    expect(value.rows[1]).not.toEqual(value.rows[0])
    const { out } = await run(['models', 'try', 'payment-risk', '--features', JSON.stringify(row)], folder)
    expect(out).toMatch(/^row +probability +decision\n0 +0\.\d+ +[A-Z]+\n$/)
  })

  it('warns of names that no feature has', async () => {
    const rows = JSON.stringify([row, { ...row, Ages: 1 }])
    expect(await runPresage(['models', 'try', 'payment-risk@2', '--features', rows])).toMatchObject({
      code: 0,
      err: 'warning: Ages is not a feature of payment-risk@2, and is ignored; did you mean "age"?\n',
    })
  })

  it('takes them from CSV, with values of the types that the features have', async () => {
    const folder = repository('1')
    const header = `,${Object.keys(row).join(',')}`
    const cells = Object.values(row).join(',')
    writeFileSync(join(folder, 'rows.csv'), `${header}\n0,${cells}\n1,${cells.replace('60', 'sixty')}\n`)
    const { value } = await json(['models', 'try', 'payment-risk', '--file', 'rows.csv'], folder)
    const { value: same } = await json(
      ['models', 'try', 'payment-risk', '--features', JSON.stringify(row)],
      folder,
    )
    expect(value.rows).toEqual([
      same.rows[0],
      { error: { code: 'BAD_FEATURE', message: expect.stringMatching(/time: must be .*, got "sixty"/) } },
    ])
    writeFileSync(join(folder, 'rows.csv'), 'a,b\n1\n')
    expect((await run(['models', 'try', 'payment-risk', '--file', 'rows.csv'], folder)).problems).toEqual([
      expect.stringMatching(/^rows\.csv: must be CSV with a header, got Invalid Record Length/),
    ])
    writeFileSync(join(folder, 'rows.csv'), `${header},age\n0,${cells},30\n`)
    expect((await run(['models', 'try', 'payment-risk', '--file', 'rows.csv'], folder)).problems).toEqual([
      'rows.csv: columns must have different names, got "age" twice',
    ])
  })

  it('two columns of CSV that would be one feature are refused, and two that are none are not', async () => {
    const folder = repository('1')
    const [header, cells] = [Object.keys(row).join(','), Object.values(row).join(',')]
    const tried = async (more: string) => {
      writeFileSync(
        join(folder, 'rows.csv'),
        `${more},${header}\n${more.replaceAll(/[^,]+/g, '1')},${cells}\n`,
      )
      return run(['models', 'try', 'payment-risk', '--file', 'rows.csv'], folder)
    }
    expect((await tried(' age')).problems).toEqual([
      'rows.csv: must have one column for feature age, got " age" and "age"',
    ])
    expect((await tried('a b,a_b')).code).toBe(0)
  })

  it.each<[string, string[], string]>([
    ['no rows', [], 'models try: needs --features or --file, got neither'],
    ['two', ['--features', '{}', '--file', 'x'], '--features: must not be combined with --file'],
    [
      'no JSON',
      ['--features', '{'],
      expect.stringMatching(/^--features: must be JSON, an object of features or a list of them, got /),
    ],
    ['none', ['--features', '[]'], '--features: must be an object of features, or a list of them, got []'],
    ['no file', ['--file', 'none.json'], '--file: none.json: must be a readable file, got no such file'],
  ])('refuses %s', async (_, args, problem) => {
    expect(await run(['models', 'try', 'payment-risk@2', ...args])).toMatchObject({
      code: 1,
      problems: [problem],
    })
  })

  it('says why a version cannot be run', async () => {
    const folder = repository('1')
    const manifest = join(folder, 'models/payment-risk/1/model.yaml')
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('column: probability', 'column: chance'))
    expect((await run(['models', 'try', 'payment-risk', '--features', '{}'], folder)).problems).toEqual([
      'payment-risk@1 is not ready: signature: postprocess.probability: must read an output of the graph (probability), got chance; postprocess.decision: needs output probability, which was refused',
    ])
  })
})

describe('presage models diff', () => {
  it('compares contract, steps, manifest and answers', async () => {
    const { code, value } = await json(['models', 'diff', 'payment-risk@2', 'payment-risk@3'])
    expect(code).toBe(0)
    expect(value).toMatchObject({
      before: 'payment-risk@2',
      after: 'payment-risk@3',
      contract: [],
      steps: [],
      outputs: { rows: 80, of: 'golden cases', failures: {}, tolerance: 0.001 },
    })
    expect(value.manifest).toContain('metrics.AUC: 0.864 → 0.87')
    expect(value.manifest.join('\n')).toMatch(/^graph\.sha256: [0-9a-f]{64} → [0-9a-f]{64}$/m)
    expect(value.outputs.compared).toEqual([
      {
        output: 'probability',
        rows: 80,
        agreement: expect.any(Number),
        meanDifference: expect.any(Number),
        maxDifference: expect.any(Number),
      },
      { output: 'decision', rows: 80, agreement: expect.any(Number) },
    ])
    expect(value.outputs.compared[0].meanDifference).toBeGreaterThan(0)
  })

  it('tells what one of them needs or cannot answer', async () => {
    const rows = JSON.stringify([
      { memberId: '12', titleId: '356' },
      { memberId: '12', titleId: '356', genres: 5 },
    ])
    const { out } = await run([
      'models',
      'diff',
      'rating-predictor@3',
      'rating-predictor@4',
      '--features',
      rows,
    ])
    expect(out).toContain('feature genres: added, { type: "[String!]", nullable: true')
    expect(out).toContain('answers to 2 rows (given rows):')
    expect(out).toMatch(/rating-predictor@4 cannot answer 1, the first because of BAD_FEATURE: .*genres/)
    expect(out).toMatch(/^ {2}rating +1 /m)
  })

  it('a version is as it is', async () => {
    const { out } = await run(['models', 'diff', 'payment-risk@2', 'payment-risk@2'])
    expect(out).toContain('contract: no difference\nsteps: no difference\nmanifest: no difference\n')
    expect(out).toMatch(/probability +80 +100 % +0 +0$/m)
    expect(out).toMatch(/^ {2}numbers agree within 0.001 of the greater one, or of 1 if both are smaller$/m)
  })

  it('of a model that is there, every version is named where one is not', async () => {
    expect((await run(['models', 'diff', 'payment-risk@2', 'payment-risk@9'])).problems).toEqual([
      'model: must be a version of the repositories, got "payment-risk@9"; payment-risk has 1, 2, 3',
    ])
  })
})

describe('presage models golden', () => {
  it('passes where every case is answered as its file has it', async () => {
    expect(await start(['models', 'golden', 'payment-risk@3'])).toMatchObject({
      code: 0,
      out: 'payment-risk@3: all 40 golden cases match examples/streaming/models/payment-risk/3/golden.json\n',
    })
  })

  it('names the cases that differ; writes those alone, and only if it is told to', async () => {
    const folder = repository('2')
    const file = join(folder, 'models/payment-risk/2/golden.json')
    const source = JSON.parse(readFileSync(file, 'utf8'))
    const before = source.cases[3].output.probability
    source.cases[3].output.probability = 0.5
    // With a byte order mark, which some editors write.
    writeFileSync(file, `\ufeff${JSON.stringify({ source: 'a test', ...source })}`)
    const text = readFileSync(file, 'utf8')

    const told = await start(['models', 'golden', 'payment-risk'], folder)
    expect(told.code).toBe(1)
    expect(told.out).toMatch(
      /^case 3: probability: must be 0\.5, got 0\.\d+\npayment-risk@2: 1 of 40 cases differ from models\/payment-risk\/2\/golden\.json\n$/,
    )
    expect(readFileSync(file, 'utf8')).toBe(text)

    expect((await run(['models', 'golden', 'payment-risk', '--write'], folder)).code).toBe(0)
    const written = JSON.parse(readFileSync(file, 'utf8'))
    expect(written.cases[3].output.probability).toBeCloseTo(before, 5)
    source.cases[3].output.probability = written.cases[3].output.probability
    expect(written).toEqual({ source: 'a test', ...source })
    expect((await run(['models', 'golden', 'payment-risk'], folder)).code).toBe(0)
  })

  it('writes nothing where a case cannot be answered', async () => {
    const folder = repository('2')
    const file = join(folder, 'models/payment-risk/2/golden.json')
    const source = JSON.parse(readFileSync(file, 'utf8'))
    source.cases[0].output.probability = 0.5
    source.cases[1].input.age = 'old'
    source.cases[2].output.chance = 1
    const text = JSON.stringify(source)
    writeFileSync(file, text)
    expect(await run(['models', 'golden', 'payment-risk', '--write'], folder)).toMatchObject({
      code: 1,
      problems: [
        'models/payment-risk/2/golden.json: case 1: must be answered, got BAD_FEATURE: payment-risk@2: feature age: must be a whole number, got "old"',
        'models/payment-risk/2/golden.json: case 2: chance: must be an output of the version',
      ],
    })
    expect(readFileSync(file, 'utf8')).toBe(text)
  })

  it('refuses answers that depend on the batch, and so do all who load the version', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-models-'))
    writeSmallVersion(folder, 'mixed', '1', { 1: -0.5, 2: 0.5 })
    const problem =
      'case 0 without the others: y: must be -0.5, got 0: its rows depend on the batch that they run in'
    writeFileSync(join(folder, 'presage.yaml'), 'repositories: [.]\n')
    expect((await run(['models', 'check'], folder)).problems).toEqual([
      `mixed@1 is not ready: golden cases: ${problem}`,
    ])
    expect(await run(['models', 'golden', 'mixed', '--write'], folder)).toMatchObject({
      code: 1,
      problems: [`mixed@1: ${problem}`],
    })
  })

  describe('of a row for which one output fails', () => {
    async function check(output: object, options: readonly string[] = []) {
      const folder = mkdtempSync(join(tmpdir(), 'presage-models-'))
      const outputs = ['y: { column: y }', 'inverse: { column: inverse }']
      writeVersion(folder, 'inverse', ['x: { type: Float }'], ['x: { number: x }'], outputs, {
        golden: {
          cases: [
            { input: { x: 0 }, output },
            { input: { x: 2 }, output: { inverse: 0.5 } },
          ],
        },
      })
      writeFileSync(join(folder, 'presage.yaml'), 'repositories: [.]\n')
      const checked = await run(['models', 'check'], folder)
      const golden = await run(['models', 'golden', 'inverse', ...options], folder)
      const file = JSON.parse(readFileSync(join(folder, 'models/inverse/1/golden.json'), 'utf8'))
      return { checked, golden, written: file.cases[0].output }
    }

    it('compares the outputs that the case names, each by itself', async () => {
      for (const output of [{ y: 0 }, { inverse: null }, { y: 0, inverse: null }]) {
        const { checked, golden } = await check(output)
        expect([checked.code, golden.code]).toEqual([0, 0])
      }
      const { checked, golden } = await check({ inverse: null, y: 5 })
      expect(checked.problems).toEqual(['inverse@1 is not ready: golden cases: case 0: y: must be 5, got 0'])
      expect(golden.out).toMatch(/^case 0: y: must be 5, got 0\n/)
      expect((await check({ y: null })).golden.out).toMatch(
        /^case 0: y: must be null for BAD_OUTPUT, got 0\n/,
      )
    })

    it('writes the others, and refuses to write one that fails unless its case expects that', async () => {
      expect(await check({ inverse: null, y: 5 }, ['--write'])).toMatchObject({
        golden: { code: 0 },
        written: { inverse: null, y: 0 },
      })
      const { golden } = await check({ inverse: 3, y: 5 }, ['--write'])
      expect(golden.problems).toEqual([
        'models/inverse/1/golden.json: case 0: inverse: must be 3, got BAD_OUTPUT: inverse@1: output inverse: must be a finite number, got Infinity',
      ])
    })
  })

  it('needs golden cases', async () => {
    const folder = repository('2')
    const manifest = join(folder, 'models/payment-risk/2/model.yaml')
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('golden: golden.json\n', ''))
    expect((await run(['models', 'golden', 'payment-risk'], folder)).problems).toEqual([
      'payment-risk@2: golden: must name a file of cases in model.yaml, got nothing',
    ])
  })
})

describe('presage models digest', () => {
  const path = 'models/m/1/model.yaml'
  const digestOf = (text: string) => createHash('sha256').update(text).digest('hex')

  function version(manifest: string): string {
    const folder = mkdtempSync(join(tmpdir(), 'presage-digest-'))
    mkdirSync(join(folder, 'models/m/1'), { recursive: true })
    const files = { 'model.yaml': manifest, 'a.onnx': 'graph', 'a.data': 'weights', 'words.json': '["a"]' }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'models/m/1', name), text)
    return folder
  }

  it.each([
    [
      'graph: { file: a.onnx, data: [{ file: a.data, bytes: 1 }] } # mine\nvocabularies: { w: { file: words.json } }\n',
      `graph: { file: a.onnx, bytes: 5, sha256: "${digestOf('graph')}", data: [{ file: a.data, sha256: "${digestOf('weights')}", bytes: 7 }] } # mine\nvocabularies: { w: { file: words.json, sha256: "${digestOf('["a"]')}" } }\n`,
    ],
    [
      `graph:\n  sha256: ${'0'.repeat(64)}\n  file: a.onnx\n  data:\n    - file: a.data\nvocabularies:\n  v: [a, b]\n  w:\n    file: words.json`,
      `graph:\n  sha256: "${digestOf('graph')}"\n  file: a.onnx\n  bytes: 5\n  data:\n    - file: a.data\n      bytes: 7\n      sha256: "${digestOf('weights')}"\nvocabularies:\n  v: [a, b]\n  w:\n    file: words.json\n    sha256: "${digestOf('["a"]')}"`,
    ],
    [
      'graph:\n  file: a.onnx\n  bytes:\n  sha256: # mine\n  data: [{ file: a.data, bytes: , sha256: }]\nvocabularies: { w: { file: words.json, sha256: } }\n',
      `graph:\n  file: a.onnx\n  bytes: 5\n  sha256: "${digestOf('graph')}" # mine\n  data: [{ file: a.data, bytes: 7 , sha256: "${digestOf('weights')}" }]\nvocabularies: { w: { file: words.json, sha256: "${digestOf('["a"]')}" } }\n`,
    ],
    [
      'graph: { sha256, file: a.onnx, data: [file: a.data], bytes }\nvocabularies: { w: { ? sha256, file: words.json } }\n',
      `graph: { sha256: "${digestOf('graph')}", file: a.onnx, data: [{ file: a.data, bytes: 7, sha256: "${digestOf('weights')}" }], bytes: 5 }\nvocabularies: { w: { ? sha256: "${digestOf('["a"]')}", file: words.json } }\n`,
    ],
    [
      'graph: {\n  file:\n    a.onnx,\n  sha256: [none],\n  data: [{ file:\n a.data }]\n}\nvocabularies:\n  w:\n    file:\n      words.json\n',
      `graph: {\n  file:\n    a.onnx, bytes: 5,\n  sha256: "${digestOf('graph')}",\n  data: [{ file:\n a.data, bytes: 7, sha256: "${digestOf('weights')}" }]\n}\nvocabularies:\n  w:\n    file:\n      words.json\n    sha256: "${digestOf('["a"]')}"\n`,
    ],
  ])('writes sizes and digests that are missing or differ, and nothing else', async (manifest, after) => {
    const folder = version(manifest)
    const { code, value } = await json(['models', 'digest', 'm'], folder)
    expect([code, readFileSync(join(folder, path), 'utf8')]).toEqual([0, after])
    expect(value.written).toEqual([
      { key: 'graph', file: 'a.onnx', bytes: 5, sha256: digestOf('graph') },
      { key: 'graph.data.0', file: 'a.data', bytes: 7, sha256: digestOf('weights') },
      { key: 'vocabularies.w', file: 'words.json', bytes: 5, sha256: digestOf('["a"]') },
    ])
    expect((await run(['models', 'digest', 'm@1'], folder)).out).toBe(
      `m@1: ${path} has the sizes and SHA-256 of its files\n`,
    )
  })

  it.each([
    ['graph: a.onnx', [`${path}: graph: must be a map with the key file, such as { file: model.onnx }`]],
    [
      'graph: { file: b.onnx }\nvocabularies: { w: { file: ../w.json }, x: { file: words.json } }',
      [
        'models/m/1/b.onnx: must be there, got nothing',
        `${path}: vocabularies.w.file: must be the name of a file in this folder, got "../w.json"`,
      ],
    ],
  ])('writes nothing if something is wrong: %s', async (manifest, problems) => {
    const folder = version(manifest)
    expect(await run(['models', 'digest', 'm'], folder)).toMatchObject({ code: 1, problems })
    expect(readFileSync(join(folder, path), 'utf8')).toBe(manifest)
  })

  it('is what a manifest without digests is told to use', async () => {
    const folder = version('graph: { file: a.onnx }')
    expect((await json(['models', 'list'], folder)).value).toMatchObject([
      {
        problems: expect.arrayContaining([
          expect.stringContaining('must be a SHA-256 (`presage models digest` writes it), got nothing'),
        ]),
      },
    ])
  })
})

describe('presage objectives', () => {
  it('list and show tell contracts, and who answers', async () => {
    const { out } = await run(['objectives', 'list'])
    expect(out).toMatch(
      /^RECOMMEND_TITLES +context\.member +title-recommender@3 \(default\) +3 +personalization$/m,
    )
    const { value } = await json(['objectives', 'show', 'RECOMMEND_TITLES'])
    expect(value).toMatchObject({
      objective: 'RECOMMEND_TITLES',
      unit: 'context.member',
      maxRows: 10_000,
      versions: ['title-recommender@1', 'title-recommender@2', 'title-recommender@3'],
      candidates: [{ model: 'title-recommender@3', shares: [{ by: 'default', percent: 100 }] }],
    })
    const shown = (await run(['objectives', 'show', 'RECOMMEND_TITLES'])).out
    expect(shown).toMatch(/^limit +Int +default 10 +1 to 50 /m)
    expect(shown).toMatch(/^title-recommender@3 +default +100 %$/m)
  })

  it('without rules nobody answers, and the contract is told all the same', async () => {
    const { value } = await json(['objectives', 'show', 'PAYMENT_RISK'], repository('1'))
    expect(value).toMatchObject({ versions: ['payment-risk@1'], candidates: [] })
    expect((await run(['objectives', 'show', 'PAYMENT_RISC'], repository('1'))).problems).toEqual([
      'objective: must be one of the repositories, got "PAYMENT_RISC"; did you mean "PAYMENT_RISK"?',
    ])
  })
})
