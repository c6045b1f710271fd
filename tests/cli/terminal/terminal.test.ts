import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runPresageSync } from '../../support/presageCommand'
import { runInTerminal } from '../../support/runInTerminal'
import { startProcess, writeConfig } from '../../support/serverProcess'

const esc = '\u001b'

describe('presage start in a terminal', () => {
  const start = (environment?: Record<string, string>) =>
    runInTerminal(['-c', writeConfig(), 'start', '--port', '0'], {
      until: /Workers.*\n(.*\n)+/,
      ...(environment && { environment }),
    })

  it('says in one block what it serves where, and nothing that frightens', async () => {
    const text = await start({ NO_COLOR: '1' })
    expect(text).toMatch(
      new RegExp(
        [
          '\\n  Presage \\d+\\.\\d+\\.\\d+ is ready after \\d+\\.\\d s',
          '',
          '  GraphQL  (http://127\\.0\\.0\\.1:\\d+)/graphql',
          '  Browser  \\1/',
          '  Metrics  \\1/metrics \\(health: /health/ready\\)',
          '',
          '  Graph    7 subgraphs, 6 prediction fields',
          '  Models   14 of 14 versions ready, for 5 objectives',
          '  Rules    version 1 \\([0-9a-f]{12}\\), epoch 1',
          '  Workers  main: up to \\d+ threads?',
          '',
          '  Anyone who reaches this server may read it',
        ].join('\\n'),
      ),
    )
    // A start that takes seconds shows how far it is, and clears that line.
    expect(text.replaceAll(`${esc}[K`, '')).not.toContain(esc)
    expect(text).not.toMatch(/waiting|behind|undefined/)
  })

  it('has colours there, unless NO_COLOR asks for none', async () => {
    expect(await start()).toContain(`${esc}[36mhttp://127.0.0.1:`)
  })
})

it('presage start in a pipe tells plain lines, the last with the URL', async () => {
  const server = await startProcess(writeConfig())
  try {
    const { origin } = new URL(server.url)
    expect(server.stderr()).not.toContain(esc)
    expect(server.stderr().split('\n').slice(-5)).toEqual([
      '14 of 14 model versions are ready',
      `GraphiQL is at ${origin}/`,
      `The console is at ${origin}/console`,
      `Presage serves ${origin}/graphql`,
      '',
    ])
  } finally {
    await server.stop()
  }
})

describe('problems', () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-terminal-'))
  writeFileSync(join(folder, 'presage.yaml'), 'sever:\n  port: 4000\n')
  const problem = 'presage.yaml:1: sever: is not a known key; did you mean "server"?'

  it('are plain in a pipe', () => {
    expect(runPresageSync(['start'], { cwd: folder })).toEqual({
      code: 1,
      out: '',
      err: `${problem}\n1 problem\n`,
    })
  })

  it('have colours where they are forced, and in a terminal', async () => {
    const coloured = [
      `${esc}[36mpresage.yaml:1${esc}[39m: sever: is not a known key; ${esc}[33mdid you mean "server"?${esc}[39m`,
      `${esc}[31m1 problem${esc}[39m\n`,
    ].join('\n')
    expect(runPresageSync(['start'], { cwd: folder, environment: { FORCE_COLOR: '1' } }).err).toBe(coloured)
    expect(await runInTerminal(['start'], { cwd: folder })).toBe(coloured)
  })

  it('are an object as well where JSON is asked for', () => {
    const { code, out } = runPresageSync(['compose', '--json'], { cwd: folder })
    expect([code, JSON.parse(out)]).toEqual([1, { problems: [problem] }])
  })
})

describe('the command line', () => {
  it('tells the version, and names the command that was meant', () => {
    expect(runPresageSync(['--version'])).toEqual({
      code: 0,
      out: `${require('../../../package.json').version}\n`,
      err: '',
    })
    expect(runPresageSync(['dcotor'])).toMatchObject({
      code: 1,
      err: "error: unknown command 'dcotor'\n(Did you mean doctor?)\n",
    })
  })

  it('lists commands in groups, a line each, with examples', () => {
    const { out } = runPresageSync(['--help'])
    expect(out.match(/^[A-Z][\w ]+:/gm)).toEqual([
      'Usage:',
      'Options:',
      'Begin:',
      'Serve:',
      'Schemas:',
      'Models and rules:',
      'Setup:',
      'Examples:',
    ])
    // What does not fit into its line goes on below the descriptions.
    expect(out).not.toMatch(/^ {20,}\S/m)
  })

  it.each([
    [
      ['compose', '--check', '--json'],
      {
        written: [],
        upToDate: expect.arrayContaining(['schema/plan.lock.json']),
        report: expect.any(Array),
        refused: [],
        fields: expect.any(Array),
      },
    ],
    [
      ['json-schemas', '--check', '--json'],
      { written: [], upToDate: expect.arrayContaining(['schemas/model.schema.json']) },
    ],
    [
      ['rules', 'validate', '--json'],
      {
        file: 'examples/streaming/rules.yaml',
        valid: true,
        problems: [],
        warnings: [],
      },
    ],
    [['objectives', 'check', '--json'], { changed: expect.any(Number) }],
  ])('%j is told as JSON', (args, value) => {
    const { code, out } = runPresageSync(args)
    expect([code, JSON.parse(out)]).toEqual([0, value])
  })

  it('unchanged files are told of', () => {
    expect(runPresageSync(['compose']).out).toContain('schema/supergraph.graphql is up to date\n')
    expect(runPresageSync(['json-schemas']).out).toContain('schemas/ruleset.json is up to date\n')
  })
})
