import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { compiledPath, packageRoot } from '../../../lib/packagePaths'

const graph = join(packageRoot, 'tests/fixtures/exporters/models/sklearn-matrix/1/model.onnx')

/** Runs a command in a terminal, which `script` makes, and answers each question that is expected. */
function answer(
  folder: string,
  answers: readonly (readonly [RegExp, string])[],
  args: readonly string[] = ['models', 'new', graph],
) {
  const command = [process.execPath, compiledPath('cli/presage'), ...args].join(' ')
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], { cwd: folder })
  const left = [...answers]
  let shown = ''
  let unread = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    shown += chunk
    unread += chunk
    const [question, text] = left[0] ?? []
    if (question === undefined || !question.test(unread)) return
    left.shift()
    unread = ''
    child.stdin.write(text as string)
  })
  return new Promise<{ code: number | null; shown: string }>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, shown }))
  })
}

it('asks in a terminal what it cannot know, proposes an answer, and asks again where one does not do', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-questions-'))
  const { code, shown } = await answer(folder, [
    [/Name of the model\? \[model\] /, 'churn\n'],
    [/Name of the objective that it serves\? \[CHURN\] /, '\n'],
    [/Input X has 4 columns\..*\[X\] /, 'age, fare\n'],
    [/must be 4 names, got 2(.|\s)*\[X\] /, 'age, fare, visits, days\n'],
    [/The probability of which class \(-1, 1\)\? \[1\] /, '-1\n'],
    [/What is predicted, for whom\? \[What the model churn predicts\] /, 'Whether a member stays\n'],
    [/Write it\? \[yes\] /, '\n'],
  ])
  expect(shown).toContain('churn@1 serves CHURN')
  expect(code).toBe(0)
  expect(parse(readFileSync(join(folder, 'objectives/CHURN.yaml'), 'utf8'))).toMatchObject({
    description: 'Whether a member stays',
    inputs: { age: { type: 'Float' }, fare: {}, visits: {}, days: {} },
    outputs: { probability: { description: 'Probability of -1' } },
  })
  const manifest = parse(readFileSync(join(folder, 'models/churn/1/model.yaml'), 'utf8'))
  expect(manifest.postprocess.probability).toEqual({ column: 'output_probability', class: -1 })
})

it.each([
  ['is declined', [[/Write it\? \[yes\] /, 'no\n']], 'nothing was written: it was declined'],
  ['is broken off', [], 'nothing was written: the questions were left'],
] as const)('writes nothing where it %s', async (_, last, problem) => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-questions-'))
  const first = [/\[model\] /, /\[MODEL\] /, /\[X\] /, /\[1\] /, /for whom/].map(
    (question) => [question, '\n'] as const,
  )
  const end = last.length === 0 ? [[first[0][0], '\u0003'] as const] : [...first, ...last]
  const { code, shown } = await answer(folder, end)
  expect(shown).toContain(problem)
  expect(code).toBe(1)
  expect(existsSync(join(folder, 'models'))).toBe(false)
})

it('presage init asks nothing where nobody would see the question', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-questions-'))
  const { code, shown } = await answer(folder, [], ['init', '2>told'])
  expect(shown).toBe('')
  expect(readFileSync(join(folder, 'told'), 'utf8')).toContain('init: must have a name')
  expect(code).toBe(1)
})

it.each([
  ['Ctrl-C', [[/Name of the project \(shop\): /, '\u0003']]],
  [
    'Ctrl-D',
    [
      [/Name of the project \(shop\): /, '\n'],
      [/Template \(1\): /, '\u0004'],
    ],
  ],
] as const)('presage init says in one line that its questions were left by %s', async (_, answers) => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-questions-'))
  const { code, shown } = await answer(folder, answers, ['init'])
  expect(shown).toContain('nothing was written: the questions were left')
  expect(shown).not.toContain('AbortError')
  expect(code).toBe(1)
  expect(readdirSync(folder)).toEqual([])
})
