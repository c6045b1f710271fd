import fs, {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { toleranceOf } from '../../../cli/newModel/plainRun'
import { writeVersion } from '../../../cli/newModel/writeVersion'
import { packageRoot } from '../../../lib/packagePaths'
import type { GoldenCase } from '../../../models/compile/golden'
import {
  column,
  constant,
  field,
  floatType,
  int64Type,
  message,
  model,
  node,
} from '../../support/onnxMessages'
import { type EndedCommand, runPresage } from '../../support/presageCommand'
import { presageHere } from '../../support/presageHere'

const fixtures = join(packageRoot, 'tests/fixtures')
const exported = (name: string) => join(fixtures, 'exporters/models', name, '1/model.onnx')
const graph = (name: string) => join(fixtures, 'graphs', `${name}.onnx`)

/** What the library that a graph was exported from answers. */
const known = (name: string): readonly GoldenCase[] =>
  JSON.parse(readFileSync(join(fixtures, 'exporters/models', name, '1/golden.json'), 'utf8')).cases

interface Project {
  readonly folder: string
  /** Runs `presage models new ARGS` there. */
  run(...args: string[]): Promise<EndedCommand>
  /** The same as people run it. */
  start(...args: string[]): Promise<EndedCommand>
  write(file: string, content: string): string
  manifest(key: string): Record<string, Record<string, unknown>>
  golden(key: string): { tolerance: number; cases: GoldenCase[] }
  objective(name: string): Record<string, Record<string, unknown>>
  /** All files, by their paths. */
  files(): string[]
}

function project(): Project {
  const folder = mkdtempSync(join(tmpdir(), 'presage-new-'))
  const read = (file: string) => readFileSync(join(folder, file), 'utf8')
  const version = (key: string) => `models/${key.replace('@', '/')}`
  return {
    folder,
    run: (...args) => presageHere(['models', 'new', ...args], folder),
    start: (...args) => runPresage(['models', 'new', ...args], folder),
    write(file, content) {
      const path = join(folder, file)
      mkdirSync(join(path, '..'), { recursive: true })
      writeFileSync(path, content)
      return path
    },
    manifest: (key) => parse(read(`${version(key)}/model.yaml`)),
    golden: (key) => JSON.parse(read(`${version(key)}/golden.json`)),
    objective: (name) => parse(read(`objectives/${name}.yaml`)),
    files: () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .sort(),
  }
}

const passengers = known('column-pipeline').map(({ input }) => input)
const csv = (rows: readonly Readonly<Record<string, unknown>>[]) =>
  [Object.keys(rows[0]), ...rows.map((row) => Object.values(row).map((value) => value ?? ''))]
    .map((cells) => cells.join(','))
    .join('\n')
/** The rows of a graph with one input for all columns, one feature a column. */
const columnsOf = (name: string) =>
  known(name).map(({ input }) =>
    Object.fromEntries((input['measures'] as number[]).map((value, at) => [`column ${at}`, value])),
  )
const columns = columnsOf('xgboost')

describe('a pipeline of scikit-learn with one input a column', () => {
  const own = project()
  own.write('presage.yaml', 'repositories: [.]')
  const samples: Readonly<Record<string, string>> = {
    JSON: own.write('passengers.json', `\ufeff${JSON.stringify(passengers)}`),
    CSV: own.write('passengers.csv', csv(passengers)),
    Parquet: join(fixtures, 'samples/passengers.parquet'),
  }

  const field = [
    '  in the schema of a subgraph:',
    '    type Query { survival(age: Float, fare: Float!, siblings: Int!, embarked: String, sex: String!): Survival @predict(objective: "SURVIVAL") }',
    '    type Survival { label: String probability: Float }',
  ]

  it.each(Object.keys(samples))('is served as it answers in Python, with samples in %s', async (kind) => {
    const name = kind.toLowerCase()
    const args = ['--yes', '--name', name, '--objective', 'SURVIVAL', '--samples', samples[kind]]
    // The reader of Parquet is an ES module, which Jest does not load.
    const run = kind === 'Parquet' ? own.start : own.run
    const { code, out, err } = await run(exported('column-pipeline'), ...args)
    expect({ code, err }).toEqual({ code: 0, err: '' })
    expect(out).toContain(`wrote models/${name}/1/model.yaml\n`)
    expect(out).toContain(
      [
        '12 golden cases, which the bare runtime and Presage answer alike',
        'Python may answer otherwise:',
        '  where embarked is null: an encoder that was fitted with NaN needs fill: "nan", not fill: ""',
        '  where age or fare, in float32, meets a threshold of a tree: it may take the other branch',
        'next:\n',
      ].join('\n'),
    )
    const next = out.slice(out.indexOf('next:')).split('\n')
    const isFirst = name === Object.keys(samples)[0].toLowerCase()
    expect(next.slice(1, 4)).toEqual(isFirst ? field : expect.anything())
    expect(next.at(-4)).toMatch(new RegExp(`SURVIVAL: \\{ default: ${name}@1 \\}$`))
    expect(next.slice(-3)).toEqual(['  presage start', expect.stringContaining(`models try ${name}@1`), ''])
    const { features, preprocess, postprocess } = own.manifest(`${name}@1`)
    expect(features).toEqual({
      age: { type: 'Float', nullable: true },
      fare: { type: 'Float' },
      siblings: { type: 'Int' },
      embarked: { type: 'String', nullable: true },
      sex: { type: 'String' },
    })
    expect(preprocess).toMatchObject({
      age: { number: 'age' },
      embarked: { text: 'embarked', fill: '' },
      sex: { text: 'sex' },
    })
    expect(postprocess).toEqual({
      label: { column: 'output_label' },
      probability: { column: 'output_probability', class: 'survived' },
    })
    const { cases, tolerance } = own.golden(`${name}@1`)
    expect(tolerance).toBe(1e-5)
    expect(cases).toEqual(
      known('column-pipeline').map(({ input, output }) => ({
        input,
        output: { label: output['label'], probability: expect.closeTo(output['survival'] as number, 5) },
      })),
    )
  })

  it('has an objective once, which says what a feature and an output are', () => {
    const { inputs, outputs } = own.objective('SURVIVAL')
    expect(inputs['age']).toEqual({ type: 'Float', nullable: true })
    expect(outputs['probability']).toEqual({ type: 'Float', description: 'Probability of survived' })
    expect(readFileSync(join(own.folder, 'objectives/SURVIVAL.yaml'), 'utf8')).toContain(
      '\n# unit: context.member\n',
    )
  })

  it('passes presage models check, and its next version has the next number', async () => {
    expect(await runPresage(['models', 'check'], own.folder)).toMatchObject({
      code: 0,
      out: 'csv@1 is ready\njson@1 is ready\nparquet@1 is ready\n',
    })
    const { code, out } = await own.run(
      exported('column-pipeline'),
      ...['--yes', '--json', '--name', 'csv', '--objective', 'SURVIVAL'],
    )
    expect(code).toBe(0)
    expect(JSON.parse(out)).toMatchObject({
      key: 'csv@2',
      objective: 'SURVIVAL',
      isNewObjective: false,
      goldenCases: 0,
      files: ['models/csv/2/model.onnx', 'models/csv/2/model.yaml'],
    })
    expect((await presageHere(['models', 'check'], own.folder)).out).toContain(
      '\ncsv@2 is ready (no golden cases)\n',
    )
  })

  it('has its next version also in a folder that no configuration names', async () => {
    const args = [exported('column-pipeline'), '--yes', '--json', '--name', 'far', '--objective', 'FAR']
    for (const [version, isNewObjective] of [
      ['far@1', true],
      ['far@2', false],
    ]) {
      const { code, out } = await own.run(...args, '--folder', 'elsewhere')
      expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ key: version, isNewObjective })])
    }
    rmSync(join(own.folder, 'elsewhere'), { recursive: true })
  })

  it('goes beside the version that a rule has already, as a shadow and then a canary', async () => {
    own.write('rules.yaml', 'objectives: { SURVIVAL: { default: csv@1 } }\n')
    const next = async (...args: string[]) => {
      const { out } = await own.run(exported('column-pipeline'), '--yes', '--name', 'csv', ...args)
      return out.slice(out.indexOf('next:')).split('\n').slice(1, -3)
    }
    expect(await next('--objective', 'SURVIVAL')).toEqual([
      '  in rules.yaml, under SURVIVAL, beside its default, first one line and then the other:',
      '    shadow: [{ model: csv@3, percent: 100, salt: csv-3 }]',
      '    canary: { of: csv@1, to: csv@3, percent: 5, salt: csv-3 }',
    ])
    own.write('rules.yaml', 'objectives: { SURVIVAL: { default: csv@4 } }\n')
    expect(await next('--objective', 'SURVIVAL')).toEqual([
      '  rules.yaml names csv@4 as the default of SURVIVAL already',
    ])
    own.write('rules.yaml', 'objectives: [')
    expect((await next('--objective', 'SURVIVAL')).slice(-2)).toEqual([
      '    canary: { of: VERSION, to: csv@5, percent: 5, salt: csv-5 }',
      '    where VERSION is the one that serves now',
    ])
  })
})

describe.each([
  ['xgboost', { label: { column: 'label' }, probabilities: { column: 'probabilities' } }, 'probabilities'],
  ['lightgbm', { label: { column: 'label' }, probabilities: { column: 'probabilities' } }, 'probabilities'],
  ['catboost', { label: { column: 'label' }, probabilities: { column: 'probabilities' } }, 'probabilities'],
  ['torch-script', { prediction: { column: 'logits' } }, undefined],
  ['torch-dynamo', { prediction: { column: 'logits' } }, undefined],
] as const)('a graph of %s, with one input for all columns', (name, steps, compared) => {
  const own = project()
  const answers = (cases: readonly GoldenCase[]) =>
    compared === undefined ? [] : cases.map(({ output }) => output[compared])
  const expected = known(name).map(({ output }) =>
    (output['classes'] as number[]).map((value) => expect.closeTo(value, 5)),
  )

  it('takes a list where the samples have one', async () => {
    const samples = own.write('lists.json', JSON.stringify(known(name).map(({ input }) => input)))
    const run = await own.run(
      exported(name),
      '--yes',
      '--name',
      'list',
      '--objective',
      'LEVEL',
      '--samples',
      samples,
    )
    expect(run).toMatchObject({ code: 0, err: '' })
    const { features, preprocess, postprocess } = own.manifest('list@1')
    expect(features).toEqual({ measures: { type: '[Float!]', length: 4 } })
    expect(Object.values(preprocess)).toEqual([{ vector: 'measures', length: 4 }])
    expect(postprocess).toEqual(steps)
    if (compared !== undefined) expect(answers(own.golden('list@1').cases)).toEqual(expected)
  })

  it('takes a feature a column where the samples have columns', async () => {
    const samples = own.write('columns.csv', csv(columnsOf(name)))
    const run = await own.run(
      exported(name),
      '--yes',
      '--name',
      'columns',
      '--objective',
      'COLUMNS',
      '--samples',
      samples,
    )
    expect(run).toMatchObject({ code: 0, err: '' })
    const { preprocess } = own.manifest('columns@1')
    expect(Object.values(preprocess)).toEqual([
      [{ number: 'column_0' }, { number: 'column_1' }, { number: 'column_2' }, { number: 'column_3' }],
    ])
    if (compared !== undefined) expect(answers(own.golden('columns@1').cases)).toEqual(expected)
  })
})

it('takes one value a row where the graph declares that and answers a column, as CatBoost writes it', async () => {
  const own = project()
  const samples = own.write('columns.csv', csv(columnsOf('catboost-regressor')))
  const args = ['--yes', '--name', 'sum', '--objective', 'SUM', '--samples', samples]
  const { code, err, out } = await own.run(exported('catboost-regressor'), ...args)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  expect(out).toContain('12 golden cases, which the bare runtime and Presage answer alike')
  expect(own.objective('SUM')['outputs']).toMatchObject({ prediction: { type: 'Float' } })
  // CatBoost names its build, over several lines, as the version of what wrote the graph.
  expect(readFileSync(join(own.folder, 'models/sum/1/model.yaml'), 'utf8')).toContain('CatBoost\n')
  expect(own.golden('sum@1').cases.map(({ output }) => output['prediction'])).toEqual(
    known('catboost-regressor').map(({ output }) => expect.closeTo(output['sum'] as number, 5)),
  )
})

it('takes a column of true and false alone as Boolean', async () => {
  const own = project()
  const samples = own.write('flags.csv', 'a,b,c,d\n1,2,True,4\n2,3,False,1\n2,3,,1')
  const run = await own.run(exported('xgboost'), '--yes', '--name', 'flags', '--samples', samples)
  expect(run).toMatchObject({ code: 0, err: '' })
  expect(own.manifest('flags@1').features['c']).toEqual({ type: 'Boolean', nullable: true })
  expect(own.golden('flags@1').cases.map(({ input }) => input['c'])).toEqual([true, false, null])
})

it('copies the weights that lie beside a graph', async () => {
  const own = project()
  expect((await own.run(exported('torch-dynamo'), '--yes')).code).toBe(0)
  expect(own.files()).toEqual([
    'models/model/1/model.onnx',
    'models/model/1/model.onnx.data',
    'models/model/1/model.yaml',
    'objectives/MODEL.yaml',
  ])
})

describe('an objective that exists', () => {
  const own = project()
  const samples = own.write('passengers.csv', csv(passengers))
  const contract = (outputs: string) => `objective: RISK
description: Whether a passenger survives
inputs:
  age: { type: Float, nullable: true }
  fare: { type: Float }
  siblings: { type: Int }
  Embarked: { type: enum, labels: [C, Q, S], nullable: true }
  sex: { type: String }
outputs:
${outputs}`

  it('gives features and outputs its names and types', async () => {
    own.write(
      'objectives/RISK.yaml',
      contract('  chance: { type: Float }\n  end: { type: enum, labels: [died, survived] }'),
    )
    const run = await own.run(
      exported('column-pipeline'),
      '--yes',
      '--objective',
      'RISK',
      '--samples',
      samples,
    )
    expect(run).toMatchObject({ code: 0, err: '' })
    const { features, postprocess } = own.manifest('model@1')
    expect(features['embarked']).toEqual({ type: 'String', nullable: true, input: 'Embarked' })
    expect(postprocess).toEqual({
      end: { column: 'output_label', labels: ['died', 'survived'] },
      chance: { column: 'output_probability', class: 'survived' },
    })
  })

  it('may give a whole number to a graph that takes text', async () => {
    own.write(
      'objectives/ECHO.yaml',
      'objective: ECHO\ninputs: { zip: { type: Int } }\noutputs: { prediction: { type: "[String!]" } }',
    )
    const zips = own.write('zips.csv', 'zip\n1011\n9000')
    const run = await own.run(
      graph('words'),
      '--yes',
      '--name',
      'echo',
      '--objective',
      'ECHO',
      '--samples',
      zips,
    )
    expect(run).toMatchObject({ code: 0, err: '' })
    expect(own.golden('echo@1').cases[0]).toEqual({ input: { zip: 1011 }, output: { prediction: ['1011'] } })
  })

  it('whose outputs the graph does not tell is asked for, and answered by --output', async () => {
    own.write('objectives/RISK.yaml', contract('  one: { type: Float }\n  other: { type: Float }'))
    const args = [exported('column-pipeline'), '--yes', '--objective', 'RISK', '--samples', samples]
    expect(await own.run(...args)).toMatchObject({
      code: 1,
      err: expect.stringContaining(
        'output other of RISK (Float): must come from an output of the graph; give --output other=NAME (output_label, output_probability.1)',
      ),
    })
    const sources = ['--output', 'one=output_probability.0', '--output', 'other=output_probability.1']
    expect(await own.run(...args, '--name', 'both', ...sources)).toMatchObject({ code: 0, err: '' })
    expect(own.golden('both@1').cases[0].output).toEqual({
      one: expect.closeTo(1 - (known('column-pipeline')[0].output['survival'] as number), 5),
      other: expect.closeTo(known('column-pipeline')[0].output['survival'] as number, 5),
    })
  })
})

/** Writes a graph whose outputs are its first input, or else a constant, negated. */
function writeGraph(path: string, inputs: readonly string[], outputs: readonly string[]): void {
  const [source = 'one'] = inputs
  const graph = message(
    ...outputs.map((output) => field(1, node('Neg', [source], output))),
    field(2, 'graph'),
    ...(inputs.length === 0 ? [field(5, constant('one', 1))] : []),
    ...inputs.map((name) => field(11, column(name))),
    ...outputs.map((name) => field(12, column(name))),
  )
  writeFileSync(path, model(graph))
}

describe('writes nothing', () => {
  const own = project()
  const samples = own.write('columns.csv', csv(columns))
  own.write('rows.json', '{"a": 1}')
  own.write('words.csv', 'a,b,c,d\n1,2,three,4')
  own.write('blank.csv', 'a,b,c,d\n1,2,3,4\n1,2, ,4')
  own.write('mixed.csv', 'a,b,c,d\n1,2,True,4\n1,2,0,4')
  own.write('twice.csv', 'a,b,b\n1,2,3')
  own.write('numbers.csv', 'x\n1\n2\n4')
  own.write('halves.csv', 'x\n1\n0.5')
  own.write('page.html', '')
  const longName = 'a'.repeat(3000)
  writeGraph(join(own.folder, 'alike.onnx'), ['x'], ['x-y', 'x_y'])
  writeGraph(join(own.folder, 'no-inputs.onnx'), [], ['y'])
  writeGraph(join(own.folder, 'long-name.onnx'), [longName], ['y'])
  writeGraph(join(own.folder, 'proto-input.onnx'), ['__proto__'], ['y'])
  writeGraph(join(own.folder, 'proto-output.onnx'), ['x'], ['__proto__'])
  const whole = column('x', int64Type)
  const items = message(field(1, 2), field(2, floatType), field(8, 't'), field(9, Buffer.alloc(2 * 4)))
  const answer = (type: string, inputs: readonly string[], output: Buffer, ...more: Buffer[]) =>
    model(
      message(
        field(1, node(type, inputs, 'y')),
        field(2, 'graph'),
        ...more,
        field(11, whole),
        field(12, output),
      ),
    )
  writeFileSync(join(own.folder, 'gather.onnx'), answer('Gather', ['t', 'x'], column('y'), field(5, items)))
  writeFileSync(join(own.folder, 'whole.onnx'), answer('Neg', ['x'], column('y', int64Type)))
  const before = own.files()
  afterEach(() => {
    expect(own.files()).toEqual(before)
    expect(existsSync(join(own.folder, 'models'))).toBe(false)
  })

  it.each([
    [['nothing.onnx'], 'nothing.onnx: must be a readable file, got no such file'],
    [[samples], 'columns.csv: must be an ONNX graph that the runtime loads, got: '],
    [[graph('newer')], 'must have an opset up to '],
    [[graph('odd-types')], 'input half of the graph: must be a tensor of numbers or texts, got float16'],
    [[exported('xgboost'), '--name', 'a/b'], '--name: must be text of letters'],
    [
      [exported('xgboost'), '--objective', 'A-B'],
      '--objective: must be a name of letters, digits and _, got A-B',
    ],
    [
      [exported('xgboost'), '--samples', 'page.html'],
      'page.html: must be a file that ends with .csv, .json, .parquet',
    ],
    [[exported('xgboost'), '--samples', 'rows.json'], 'rows.json: must be an array of objects, got {"a":1}'],
    [[exported('xgboost'), '--samples', 'words.csv'], 'words.csv: row 0: c: must be a number, got "three"'],
    [[exported('xgboost'), '--samples', 'blank.csv'], 'blank.csv: row 1: c: must be a number, got " "'],
    [[exported('xgboost'), '--samples', 'mixed.csv'], 'mixed.csv: row 0: c: must be a number, got "True"'],
    [
      [exported('xgboost'), '--samples', 'twice.csv'],
      'twice.csv: columns must have different names, got "b" twice',
    ],
    [
      [exported('xgboost'), '--feature', 'a', 'b', '--samples', 'columns.csv'],
      'input input of the graph: must have 4 columns, got 2 (a, b); give --feature NAME for each, in their order',
    ],
    [
      [exported('column-pipeline'), '--samples', 'columns.csv'],
      'columns.csv: must have a column age for input age of the graph, got column 0, column 1, column 2, column 3',
    ],
    [
      [exported('column-pipeline'), '--feature', 'height'],
      '--feature height: must be a column of an input of the graph',
    ],
    [
      [exported('xgboost'), '--output', 'risk=probability'],
      '--output risk: must be an output of the graph, or one column of it such as label.0, got probability; did you mean "probabilities"?',
    ],
    [
      [exported('column-pipeline'), '--output', 'risk=output_probability.7'],
      'postprocess.risk: item must be below 2, the width of output_probability, got 7',
    ],
    [
      ['alike.onnx'],
      'output x_y: must be one, got several of the graph that would be called so (x-y, x_y); give --output NAME=SOURCE for each',
    ],
    [['no-inputs.onnx'], 'inputs of the graph: must be at least one, got none'],
    [
      ['long-name.onnx'],
      'input aaaaaaaaaaaaaaaaaaaa... of the graph: must have a name of at most 1000 characters, got 3000',
    ],
    [
      ['proto-input.onnx'],
      'input __proto__ of the graph: must have another name, got one that JavaScript reserves',
    ],
    [['proto-output.onnx'], 'output __proto__ of the graph: must have another name'],
    [
      ['gather.onnx', '--samples', 'numbers.csv'],
      'numbers.csv: row 1: must be answered by the graph alone, got: Non-zero status code',
    ],
    [
      ['whole.onnx', '--feature', 'x=Float', '--samples', 'halves.csv'],
      'halves.csv: row 1: must be answered by the graph alone, got: The number 0.5 cannot be converted',
    ],
  ] as const)('where it cannot: %s', async (args, problem) => {
    expect(await own.run(...args, '--yes')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining(problem),
    })
  })

  it.each([
    ['--feature', ['age=Float', 'age=Int'], 'age=Float and age=Int'],
    ['--feature', ['age', 'sex', 'age'], 'age and age'],
    ['--output', ['p=label', '--output', 'p=probabilities.1'], 'p=label and p=probabilities.1'],
  ] as const)('where %s has two values for a name: %s', async (option, values, got) => {
    const { code, err } = await own.run(exported('xgboost'), '--yes', option, ...values)
    expect(code).toBe(1)
    expect(err).toContain(`must have one value for a key, got ${got}`)
  })

  it('where the bare runtime and Presage answer otherwise, as of a graph that mixes the rows of a batch', async () => {
    const { code, err } = await own.run(graph('mixed-rows'), '--yes', '--samples', 'numbers.csv')
    expect(code).toBe(1)
    expect(err).toMatch(
      /^nothing was written: golden cases: case 0: prediction: must be 0, got -1\.33.*, but alone it is answered so: its rows depend on the batch that they run in\n/,
    )
  })

  it('where nobody can be asked, and says which options answer', async () => {
    expect(await own.start(exported('xgboost'))).toEqual({
      code: 1,
      out: '',
      err: [
        '--name: must be given where there is no terminal to ask in, or --yes for model',
        '--objective: must be given where there is no terminal to ask in, or --yes for MODEL',
        '2 problems\n',
      ].join('\n'),
    })
  })
})

it('takes back its own folders alone where another command has written beside it', async () => {
  const root = join(mkdtempSync(join(tmpdir(), 'presage-new-')), 'repository')
  const refused = { name: 'm', version: '1', copies: {}, texts: { 'model.yaml': 'name: m' } }
  const writing = writeVersion(root, refused, new Map())
  mkdirSync(join(root, 'models/other/1'), { recursive: true })
  await expect(writing).rejects.toThrow('nothing was written')
  expect(readdirSync(join(root, 'models'))).toEqual(['other'])
})

it('takes away what an earlier command left behind that was cut short, but not what one is writing', async () => {
  const root = mkdtempSync(join(tmpdir(), 'presage-new-'))
  for (const name of ['.new-old', '.new-young', '.other'])
    mkdirSync(join(root, 'models', name, 'm/1'), { recursive: true })
  const twoHoursAgo = new Date(Date.now() - 7_200_000)
  for (const name of ['.new-old', '.other']) utimesSync(join(root, 'models', name), twoHoursAgo, twoHoursAgo)
  const refused = { name: 'm', version: '1', copies: {}, texts: { 'model.yaml': 'name: m' } }
  await expect(writeVersion(root, refused, new Map())).rejects.toThrow('nothing was written')
  expect(readdirSync(join(root, 'models'))).toEqual(['.new-young', '.other'])
})

it('writes beside what another user has left behind, and says which folder it may not write to', async () => {
  const root = mkdtempSync(join(tmpdir(), 'presage-new-'))
  const models = join(root, 'models')
  mkdirSync(join(models, '.new-old'), { recursive: true })
  const twoHoursAgo = new Date(Date.now() - 7_200_000)
  utimesSync(join(models, '.new-old'), twoHoursAgo, twoHoursAgo)
  const refuse = () => {
    throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })
  }
  const refused = { name: 'm', version: '1', copies: {}, texts: { 'model.yaml': 'name: m' } }
  const remove = jest.spyOn(fs, 'rmSync').mockImplementationOnce(refuse)
  const make = jest.spyOn(fs, 'mkdtempSync')
  try {
    await expect(writeVersion(root, refused, new Map())).rejects.toThrow('nothing was written')
    expect(readdirSync(models)).toEqual(['.new-old'])
    make.mockImplementationOnce(refuse)
    await expect(writeVersion(root, refused, new Map())).rejects.toThrow(
      `${models}: must be a writable folder, got EACCES`,
    )
  } finally {
    for (const spy of [remove, make]) spy.mockRestore()
  }
})

it('must be told where to write if the configuration names no folder', async () => {
  const own = project()
  own.write('presage.yaml', 'repositories: []')
  const args = [exported('xgboost'), '--name', 'level', '--objective', 'LEVEL']
  expect((await own.run(...args, '--yes')).err).toContain(
    '--folder: must be given where repositories is empty, got nothing',
  )
  expect((await own.run(...args, '--yes', '--folder', 'mine')).code).toBe(0)
  expect(own.files()).toContain('mine/models/level/1/model.yaml')
})

it('allows a difference for answers of any length', () => {
  const output = { scores: Array.from({ length: 200_000 }, (_, at) => at) }
  expect(toleranceOf([{ input: {}, output }])).toBe(10)
})

it('writes as many golden cases as a start reads', async () => {
  const own = project()
  const rows = ['a', 'b', 'c', 'd', 'e'].map((letter) => ({ text: letter.repeat(160_000) }))
  const samples = own.write('texts.json', JSON.stringify(rows))
  const { code, out } = await own.run(graph('words'), '--yes', '--name', 'echo', '--samples', samples)
  expect({ code, out }).toMatchObject({ code: 0, out: expect.stringContaining('\n3 golden cases') })
  expect(own.golden('echo@1').cases.map(({ input }) => String(Object.values(input)[0])[0])).toEqual([
    'a',
    'c',
    'e',
  ])
})

it('never overwrites a version', async () => {
  const own = project()
  const args = [exported('xgboost'), '--yes', '--name', 'level@3', '--objective', 'LEVEL']
  const { code, out } = await own.run(...args)
  expect(code).toBe(0)
  expect(out).toMatch(
    /^ {2}where .*, in float32, meets a threshold of a tree: it may take the other branch$/m,
  )
  const before = own.files()
  expect(await own.run(...args)).toMatchObject({
    code: 1,
    err: 'models/level/3: must not be there yet\n1 problem\n',
  })
  expect(own.files()).toEqual(before)
})
