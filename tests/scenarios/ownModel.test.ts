import { cpSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '../../cli/config/config'
import { type Graph, loadGraph } from '../../cli/graph/graph'
import { createAllResolvers, type ResolversBySubgraph } from '../../cli/graph/subgraphResolvers'
import { LoadError } from '../../lib/errors'
import { packageRoot } from '../../lib/packagePaths'
import { postQuery } from '../support/example'
import { createOwnModelCopy, type OwnModelCopy, readmeQuery } from '../support/ownModelCopy'
import { type ServerProcess, startProcess } from '../support/serverProcess'

const schema = 'subgraphs/underwriting/schema.graphql'
const objective = 'underwriting/objectives/EXPECTED_INCOME.yaml'
const versions = 'underwriting/models/income-estimator'
const rules = 'examples/streaming/rules.yaml'

const field = `${schema}:13 Payment.expectedIncome:`

/** The example's own; the new subgraph has none. */
let resolvers: ResolversBySubgraph

/** Replaces one text by another; `from` must be there. */
const put = (from: string | RegExp, to: string | ((...groups: string[]) => string)) => (text: string) =>
  text.replace(from, to as string)

let copy: OwnModelCopy

beforeAll(async () => {
  const others = await createAllResolvers(loadConfig(join(packageRoot, 'presage.yaml')))
  resolvers = new Map([...others, ['underwriting', {}]])
  copy = createOwnModelCopy()
})
afterAll(() => copy.dispose())

describe('a team adds a prediction', () => {
  let server: ServerProcess

  beforeAll(async () => {
    expect(copy.run('compose')).toEqual({
      status: 0,
      stdout: expect.stringMatching(/^wrote .*\nwrote .*\nsubgraph +field +asks for\n(.+\n){7}$/),
      stderr: '',
    })
    server = await startProcess(copy.config, copy.script)
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  it('without a resolver', () => {
    expect(readdirSync(join(copy.folder, 'subgraphs/underwriting'))).toEqual(['schema.graphql'])
  })

  it('and its review shows where every input comes from', () => {
    const lock = readFileSync(join(copy.folder, 'schema/plan.lock.json'), 'utf8')
    expect(JSON.parse(lock).subgraphs.underwriting['Payment.expectedIncome']).toMatchObject({
      objective: 'EXPECTED_INCOME',
      inputs: {
        seniority: 'parent.seniority (required)',
        age: 'parent.age (required)',
        job: 'parent.job (required)',
        expenses: 'parent.expenses (required)',
      },
      outputs: { income: 'Float' },
    })
    expect(copy.run('compose', '--check').status).toBe(0)
  })

  it('and the query of the README is answered', async () => {
    const answer = await postQuery(server.url, readmeQuery)
    expect(answer.errors).toBeUndefined()
    expect(answer.data.payments).toHaveLength(5)
    expect(answer.data.payments[0]).toEqual({
      id: '1',
      income: 108,
      expectedIncome: expect.closeTo(111.26, 2),
    })
  })

  it('with the values that the script itself predicts', async () => {
    const golden = JSON.parse(readFileSync(join(copy.folder, versions, '1/golden.json'), 'utf8')) as {
      cases: { input: Record<string, unknown>; output: { income: number } }[]
    }
    const reference = new Map(golden.cases.map(({ input, output }) => [JSON.stringify(input), output.income]))
    const query = '{ payments(first: 300) { seniority age job expenses expectedIncome } }'
    const answer = await postQuery(server.url, query)
    expect(answer.errors).toBeUndefined()
    const compared = answer.data.payments.filter(
      ({ expectedIncome, ...input }: { expectedIncome: number }) => {
        const expected = reference.get(JSON.stringify(input))
        if (expected !== undefined) expect(Math.abs(expectedIncome - expected)).toBeLessThan(1e-3)
        return expected !== undefined
      },
    )
    expect(compared.length).toBeGreaterThanOrEqual(18)
  })

  it('and everybody sees the model and the objective', async () => {
    const query = `{ models { name version ready reason features { name type nullable } outputs { name type } }
      objectives { name default { name version } fields } }`
    const { data } = await postQuery(server.url, query)
    expect(data.models).toContainEqual({
      name: 'income-estimator',
      version: '1',
      ready: true,
      reason: null,
      features: [
        { name: 'seniority', type: 'Int', nullable: false },
        { name: 'age', type: 'Int', nullable: false },
        { name: 'job', type: 'String', nullable: true },
        { name: 'expenses', type: 'Float', nullable: false },
      ],
      outputs: [{ name: 'income', type: 'Float' }],
    })
    expect(data.objectives).toContainEqual({
      name: 'EXPECTED_INCOME',
      default: { name: 'income-estimator', version: '1' },
      fields: ['Payment.expectedIncome'],
    })
  })
})

describe('a mistake in schema, objective, rules or configuration is refused before anything runs', () => {
  /** What `compose` and `start` refuse, one line a problem. */
  function problems(): readonly string[] {
    try {
      loadGraph(loadConfig(copy.config), resolvers)
    } catch (error) {
      if (error instanceof LoadError) return error.problems.map(copy.shorten)
      throw error
    }
    return []
  }

  it.each<[string, string, (text: string) => string, string[]]>([
    [
      'a misspelt objective',
      schema,
      put('"EXPECTED_INCOME"', '"EXPECTED_INCOM"'),
      [`${field} objective must be a known one, got "EXPECTED_INCOM"; did you mean "EXPECTED_INCOME"?`],
    ],
    [
      'an input that @requires lacks',
      schema,
      put('age job expenses")', 'age job")'),
      [
        `${field} parent.expenses must stand in @requires, since another subgraph owns it, got @requires(fields: "seniority age job"); write @requires(fields: "seniority age job expenses")`,
      ],
    ],
    [
      'no @requires at all',
      schema,
      put(/ *@requires\(.*\n/, ''),
      [
        `${field} parent.seniority, parent.age, parent.job, parent.expenses must stand in @requires, since another subgraph owns them, got no such directive; write @requires(fields: "seniority age job expenses")`,
      ],
    ],
    [
      'a misspelt field in @requires',
      schema,
      put('age job expenses")', 'age job expences")'),
      [
        `${field} @requires must name fields that Payment declares in this subgraph, got "expences"; did you mean "expenses"?`,
        `${field} parent.expenses must stand in @requires, since another subgraph owns it, got @requires(fields: "seniority age job expences"); write @requires(fields: "seniority age job expenses")`,
      ],
    ],
    [
      'a missing @external',
      schema,
      put('expenses: Float! @external', 'expenses: Float!'),
      [
        `${field} @requires must name @external fields, got Payment.expenses without; write "expenses: Float! @external" on Payment`,
      ],
    ],
    [
      '@external that is not imported',
      schema,
      put(', "@external"', ''),
      ['7:19', '8:13', '9:15', '10:20'].map(
        (place) =>
          `${schema}:${place}: Unknown directive "@external". If you meant the "@external" federation directive, you should use fully-qualified name "@federation__external" or add "@external" to the \`import\` argument of the @link to the federation specification.`,
      ),
    ],
    [
      'a field of the payments team that is not declared',
      schema,
      put('  expenses: Float! @external\n', ''),
      [
        `${schema}:12 Payment.expectedIncome: @requires must name fields that Payment declares in this subgraph, got "expenses"; write "expenses: Float! @external" on Payment`,
        `${schema}:12 Payment.expectedIncome: input "expenses" of EXPECTED_INCOME (Float, required) must come from an argument, a parent field or a context key, got none of that name; payments has Payment.expenses: write "expenses: Float! @external" on Payment, and @requires(fields: "expenses") here`,
      ],
    ],
    [
      '@predict that is not linked',
      schema,
      put(/\n *@link\(url: "https:\/\/specs.presage.*/, ''),
      [
        `${schema}:14 @predict: must be linked by the schema, got no link; write: extend schema @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])`,
      ],
    ],
    [
      'a non-null field',
      schema,
      put('expectedIncome: Float', 'expectedIncome: Float!'),
      [`${field} must be nullable, since a row that cannot be predicted is null, got Float!; write Float`],
    ],
    [
      'a field of the wrong type',
      schema,
      put('expectedIncome: Float', 'expectedIncome: String'),
      [`${field} must be Float, as output "income" of EXPECTED_INCOME is, got String`],
    ],
    [
      'an input that no field has',
      objective,
      put('  expenses:', '  spending:'),
      [
        `${field} input "spending" of EXPECTED_INCOME (Float, required) must come from an argument, a parent field or a context key, got none of that name; write its source into inputs, such as "spending: parent.seniority" or "spending: parent.age" or "spending: parent.expenses"`,
      ],
    ],
    [
      'a type that does not exist',
      objective,
      put('age: { type: Int', 'age: { type: Integer'),
      [
        `${objective}:7: inputs.age.type: must be Int, Float, Boolean, String, ID, [Int!], [Float!], [Boolean!], [String!], [ID!], enum, entity, list, got "Integer"`,
      ],
    ],
    [
      'YAML with an indentation of its own',
      objective,
      put('  age:', '   age:'),
      [`${objective}:7:1: must be YAML, got: All mapping items must start at the same column`],
    ],
    [
      'an objective in a file of another name',
      objective,
      put('objective: EXPECTED_INCOME', 'objective: EXPECTED_INCOMES'),
      [`${objective}:1: objective: must be EXPECTED_INCOME, the name of the file, got EXPECTED_INCOMES`],
    ],
    [
      'a rule for a version that does not exist',
      rules,
      put('income-estimator@1', 'income-estimator@2'),
      [
        `${rules}:4: objectives.EXPECTED_INCOME.default: must be a version of the repository (income-estimator@1), got income-estimator@2`,
      ],
    ],
    [
      'a rule for a model that answers something else',
      rules,
      put('income-estimator@1', 'payment-risk@3'),
      [
        `${rules}:4: objectives.EXPECTED_INCOME.default: must serve EXPECTED_INCOME, got payment-risk@3, which serves PAYMENT_RISK`,
      ],
    ],
    [
      'an objective without a rule',
      rules,
      put(/ *EXPECTED_INCOME.*\n/, ''),
      [
        `${rules}:3: objectives.EXPECTED_INCOME: must have a default, since prediction fields ask for it, such as Payment.expectedIncome, got nothing; write EXPECTED_INCOME: { default: income-estimator@1 }`,
      ],
    ],
    [
      'a subgraph that is not indented',
      'rover.yaml',
      put(
        /( {2}underwriting:\n.*\n.*\n)([\s\S]*)/,
        (_, own: string, others: string) => others + own.replaceAll(/^ {2}/gm, ''),
      ),
      ['rover.yaml:23: underwriting: is not one of the keys federation_version, subgraphs'],
    ],
    [
      'a schema file that is not there',
      'rover.yaml',
      put('subgraphs/underwriting/', 'subgraphs/underwritting/'),
      [
        'rover.yaml:7: subgraphs.underwriting.schema.file: subgraphs/underwritting/schema.graphql: must be a readable file, got no such file',
      ],
    ],
    [
      'a misspelt repository',
      'presage.yaml',
      put('- underwriting', '- underwritting'),
      [
        'presage.yaml:18: repositories.0: must be a folder with objectives/ or models/, got underwritting, which is not there',
      ],
    ],
    [
      'a forgotten repository',
      'presage.yaml',
      put('  - underwriting\n', ''),
      [
        `${field} objective must be a known one, got "EXPECTED_INCOME"; known: ABUSE_SCORE, PAYMENT_RISK, PREDICT_RATING, RECOMMEND_TITLES, SEARCH_TITLES`,
      ],
    ],
  ])('%s', (_, file, change, expected) => {
    const undo = copy.edit(file, change)
    try {
      expect(problems()).toEqual(expected)
    } finally {
      undo()
    }
  })

  it('by the command with exit code 1, and what was composed before stays', () => {
    const composed = readFileSync(join(copy.folder, 'schema/supergraph.graphql'), 'utf8')
    const undo = copy.edit(schema, put('Float\n', 'Float!\n'))
    try {
      expect(copy.run('compose')).toEqual({
        status: 1,
        stdout: '',
        stderr: `${field} must be nullable, since a row that cannot be predicted is null, got Float!; write Float\n1 problem\n`,
      })
      expect(readFileSync(join(copy.folder, 'schema/supergraph.graphql'), 'utf8')).toBe(composed)
    } finally {
      undo()
    }
  })

  it('but a subgraph that is not listed is told only: it may come later', () => {
    const undo = copy.edit('rover.yaml', put(/ {2}underwriting:\n.*\n.*\n/, ''))
    try {
      const graph: Graph = loadGraph(loadConfig(copy.config), resolvers)
      expect(graph.report).toEqual(['no field of the listed subgraphs asks for objective EXPECTED_INCOME'])
      expect(graph.supergraphSdl).not.toContain('expectedIncome')
    } finally {
      undo()
    }
  })
})

describe('a mistake in a model leaves this version not ready, and says why', () => {
  /** Each is a version of its own beside the good one; `why` is its reason, FOLDER standing for its folder. */
  const mistakes: readonly { name: string; file?: string; change: (text: string) => string; why: string }[] =
    [
      {
        name: 'step-misspelt',
        change: put('{ number: age', '{ numbr: age'),
        why: 'manifest: FOLDER/model.yaml:26: preprocess.applicant.1: must have one step of number, log1p, clip, bucketize, multiHot, oneHot, vector, text, got { numbr, offset, scale }',
      },
      {
        name: 'option-misspelt',
        change: put('{ number: age, offset', '{ number: age, ofset'),
        why: 'manifest: FOLDER/model.yaml:26: preprocess.applicant.1.ofset: is not one of the keys number, categories, fill, offset, scale; did you mean "offset"?',
      },
      {
        name: 'feature-misspelt-in-step',
        change: put('{ number: age', '{ number: agee'),
        why: 'manifest: FOLDER/model.yaml:26: preprocess.applicant.1.number: must be a feature (seniority, age, job, expenses), got agee; FOLDER/model.yaml:18: features.age: must be read by a step, got none',
      },
      {
        name: 'indentation',
        change: put('  age: { type: Int }', '   age: { type: Int }'),
        why: 'manifest: FOLDER/model.yaml:18:1: must be YAML, got: All mapping items must start at the same column',
      },
      {
        name: 'version-of-another-folder',
        change: put(/version: .*/, 'version: "7"'),
        why: 'manifest: FOLDER/model.yaml:2: version: must be "version-of-another-folder", the name of the folder, got "7"',
      },
      {
        name: 'graph-exported-again',
        file: 'model.onnx',
        change: put('income_estimator', 'income-estimator'),
        why: 'files: FOLDER/model.onnx: must have SHA-256 GRAPH, got CHANGED',
      },
      {
        name: 'graph-cut-short',
        file: 'model.onnx',
        change: (content) => content.slice(0, 150),
        why: 'files: FOLDER/model.onnx: must have 201 bytes, got 150',
      },
      {
        name: 'category-missing',
        change: put(', partime]', ']'),
        why: 'signature: input applicant of the graph: must be 7 wide, got 6 columns',
      },
      {
        name: 'tensor-misspelt',
        change: put('  applicant:', '  applicants:'),
        why: 'signature: input applicant of the graph: must have an entry in preprocess, got none; preprocess.applicants: must be an input of the graph (applicant), got applicants',
      },
      {
        name: 'graph-output-misspelt',
        change: put('column: income', 'column: incomes'),
        why: 'signature: postprocess.income: must read an output of the graph (income), got incomes',
      },
      {
        name: 'objective-misspelt',
        change: put('serves: [EXPECTED_INCOME]', 'serves: [EXPECTED_INCOM]'),
        why: 'serves: must be an objective (EXPECTED_INCOME, ABUSE_SCORE, PAYMENT_RISK, PREDICT_RATING, RECOMMEND_TITLES, SEARCH_TITLES), got EXPECTED_INCOM; did you mean "EXPECTED_INCOME"?',
      },
      {
        name: 'feature-of-another-name',
        change: put(/seniority/g, 'yearsInJob'),
        why: 'serves EXPECTED_INCOME: feature yearsInJob: must be an input of EXPECTED_INCOME (seniority, age, job, expenses) or have a default, got yearsInJob',
      },
      {
        name: 'feature-not-nullable',
        change: put('job: { type: String, nullable: true }', 'job: { type: String }'),
        why: 'serves EXPECTED_INCOME: feature job: must be nullable or have a default as input job of EXPECTED_INCOME may be null, got neither',
      },
      {
        name: 'output-not-yielded',
        change: put('  income: { column', '  expectedIncome: { column'),
        why: 'serves EXPECTED_INCOME: output income: must be provided for EXPECTED_INCOME, got expectedIncome',
      },
      {
        name: 'category-misspelt',
        change: put(', partime]', ', part-time]'),
        why: 'golden cases: case 2: income: must be 111.255484, got 133.200',
      },
      {
        name: 'scaled-otherwise',
        change: put('scale: 11', 'scale: 12'),
        why: 'golden cases: case 0: income: must be 112.57798, got 113.457',
      },
      {
        name: 'case-that-does-not-hold',
        file: 'golden.json',
        change: put('126.472325', '127'),
        why: 'golden cases: case 1: income: must be 127, got 126.472',
      },
    ]

  let server: ServerProcess

  beforeAll(async () => {
    for (const { name, file = 'model.yaml', change } of mistakes) {
      const folder = join(versions, name)
      cpSync(join(copy.folder, versions, '1'), join(copy.folder, folder), { recursive: true })
      copy.edit(join(folder, 'model.yaml'), put('version: "1"', `version: "${name}"`))
      copy.edit(join(folder, file), change)
    }
    server = await startProcess(copy.config, copy.script)
  })
  afterAll(async () => {
    expect(await server.stop()).toBe(0)
  })

  it('on /graphql, and in one line on stderr', async () => {
    const { data } = await postQuery(server.url, '{ models { name version ready reason } }')
    const reasons = data.models
      .filter(({ name, ready }: { name: string; ready: boolean }) => name === 'income-estimator' && !ready)
      .map(({ version, reason }: { version: string; reason: string }) => [version, legible(version, reason)])
    expect(Object.fromEntries(reasons)).toEqual(
      Object.fromEntries(mistakes.map(({ name, why }) => [name, why])),
    )

    const lines = server.stderr().split('\n')
    for (const { name, why } of mistakes) {
      const own = lines.filter((line) => line.includes(name))
      expect(own.map((line) => legible(name, line))).toEqual([
        `income-estimator@${name} is not ready: ${why}`,
      ])
    }
  })

  it('while the good version answers', async () => {
    const { data, errors } = await postQuery(server.url, '{ payments(first: 1) { expectedIncome } }')
    expect(errors).toBeUndefined()
    expect(data.payments[0].expectedIncome).toBeCloseTo(111.26, 2)
  })

  it('and compose tells what the files alone tell', () => {
    const { status, stdout } = copy.run('compose')
    expect(status).toBe(0)
    expect(stdout).toContain(
      `income-estimator@graph-cut-short is not ready: files: ${versions}/graph-cut-short/model.onnx: must have 201 bytes, got 150\n`,
    )
  })

  function legible(name: string, text: string): string {
    return copy
      .shorten(text)
      .replaceAll(`${versions}/${name}`, 'FOLDER')
      .replace(/SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}$/, 'SHA-256 GRAPH, got CHANGED')
      .replace(/(got \d+\.\d{3})\d+$/, '$1') // what float32 makes of the rest is the machine's own
  }
})
