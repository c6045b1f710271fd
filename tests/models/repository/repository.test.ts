import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type FoundVersion, loadRepository } from '../../../models/repository/repository'

let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'presage-repository-'))
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

function write(path: string, content: string): void {
  const whole = join(root, path)
  mkdirSync(dirname(whole), { recursive: true })
  writeFileSync(whole, content)
}

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex')
}

const titles = '[318, "x"]'

function manifest(change: Readonly<Record<string, string>> = {}): string {
  const sections: Readonly<Record<string, string>> = {
    name: 'm',
    version: '"1"',
    graph: `{ file: model.onnx, bytes: 5, sha256: "${sha256('graph')}" }`,
    vocabularies: `{ v: { file: v.json, sha256: "${sha256(titles)}" } }`,
    features: '{ id: { type: ID } }',
    preprocess: '{ x: { index: id, vocabulary: v, unknown: 0 } }',
    postprocess: '{ y: { column: y } }',
    golden: 'golden.json',
    ...change,
  }
  return Object.entries(sections)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('')
}

function writeVersion(folder = 'models/m/1', change: Readonly<Record<string, string>> = {}): void {
  write(`${folder}/model.onnx`, 'graph')
  write(`${folder}/v.json`, titles)
  write(`${folder}/golden.json`, '{}')
  write(`${folder}/model.yaml`, manifest(change))
}

function only() {
  const { versions, problems } = loadRepository([root])
  expect(problems).toEqual([])
  expect(versions).toHaveLength(1)
  return versions[0]
}

function refusal(): string {
  const version = only()
  return version.state === 'refused' ? version.reason.replaceAll(root, '') : 'found'
}

const objective = (name: string) =>
  `objective: ${name}\ndescription: d\ninputs: { a: { type: Int } }\noutputs: { y: { type: Float } }\n`

test('a version whose files agree with its manifest is found', () => {
  writeVersion()
  const version = only() as FoundVersion
  expect(version).toMatchObject({
    state: 'found',
    key: 'm@1',
    name: 'm',
    version: '1',
    directory: join(root, 'models/m/1'),
    graphPath: join(root, 'models/m/1/model.onnx'),
    goldenPath: join(root, 'models/m/1/golden.json'),
  })
  expect(version.vocabularies.v.entries).toEqual([318, 'x'])
  expect(version.vocabularies.v.positions.get('318')).toBe(0)
})

test('a folder without model.yaml is still being copied and is not to be used', () => {
  writeVersion()
  renameSync(join(root, 'models/m/1/model.yaml'), join(root, 'models/m/1/model.yaml.part'))
  const { versions, problems } = loadRepository([root])
  expect(versions).toEqual([
    {
      state: 'refused',
      key: 'm@1',
      name: 'm',
      version: '1',
      directory: join(root, 'models/m/1'),
      problems: [`manifest: ${join(root, 'models/m/1/model.yaml')}: must be there, got no file`],
      reason: `manifest: ${join(root, 'models/m/1/model.yaml')}: must be there, got no file`,
    },
  ])
  expect(problems).toEqual([])
})

test.each<[string, () => void, string]>([
  [
    'name',
    () => writeVersion('models/other/1'),
    'manifest: /models/other/1/model.yaml:1: name: must be other, the name of the folder, got m',
  ],
  [
    'version',
    () => writeVersion('models/m/2'),
    'manifest: /models/m/2/model.yaml:2: version: must be "2", the name of the folder, got "1"',
  ],
  [
    'size of the graph',
    () => {
      writeVersion()
      write('models/m/1/model.onnx', 'longer')
    },
    'files: /models/m/1/model.onnx: must have 5 bytes, got 6',
  ],
  [
    'content of the graph',
    () => {
      writeVersion()
      write('models/m/1/model.onnx', 'hparg')
    },
    `files: /models/m/1/model.onnx: must have SHA-256 ${sha256('graph')}, got ${sha256('hparg')}`,
  ],
  [
    'content of the weights',
    () => {
      const data = `data: [{ file: model.onnx.data, bytes: 7, sha256: "${sha256('others!')}" }]`
      writeVersion('models/m/1', {
        graph: `{ file: model.onnx, bytes: 5, sha256: "${sha256('graph')}", ${data} }`,
      })
      write('models/m/1/model.onnx.data', 'weights')
    },
    `files: /models/m/1/model.onnx.data: must have SHA-256 ${sha256('others!')}, got ${sha256('weights')}`,
  ],
  [
    'content of a vocabulary',
    () => {
      writeVersion()
      write('models/m/1/v.json', '[1]')
    },
    `files: /models/m/1/v.json: must have SHA-256 ${sha256(titles)}, got ${sha256('[1]')}`,
  ],
  [
    'golden file that is not there',
    () => {
      writeVersion()
      rmSync(join(root, 'models/m/1/golden.json'))
    },
    'files: /models/m/1/golden.json: must be there, got no file',
  ],
  [
    'file name that leaves the folder',
    () => writeVersion('models/m/1', { golden: '../golden.json' }),
    'manifest: /models/m/1/model.yaml:8: golden: must be the name of a file in this folder, got "../golden.json"',
  ],
  [
    'two problems, in one line',
    () => writeVersion('models/m/1', { golden: '5', warmUp: '[0]' }),
    'manifest: /models/m/1/model.yaml:8: golden: must be the name of a file in this folder, got 5; /models/m/1/model.yaml:9: warmUp.0: must be a whole number from 1 on, got 0',
  ],
  [
    'YAML that does not parse',
    () => writeVersion('models/m/1', { name: '{' }),
    'manifest: /models/m/1/model.yaml:2:1: must be YAML, got: ',
  ],
])('a wrong %s refuses just this version, in one line', (_, prepare, reason) => {
  prepare()
  expect(refusal()).toMatch(reason)
  expect(refusal()).not.toContain('\n')
})

test.each([
  ['a folder', (path: string) => mkdirSync(path)],
  ['something else', (path: string) => execFileSync('mkfifo', [path])],
])('%s in place of a manifest is refused and not waited for', (what, make) => {
  mkdirSync(join(root, 'models/m/1'), { recursive: true })
  make(join(root, 'models/m/1/model.yaml'))
  expect(refusal()).toBe(`manifest: /models/m/1/model.yaml: must be a file, got ${what}`)
})

test('an entry that a vocabulary has twice, also as text, is refused', () => {
  const twice = '[12, "12"]'
  writeVersion('models/m/1', { vocabularies: `{ v: { file: v.json, sha256: "${sha256(twice)}" } }` })
  write('models/m/1/v.json', twice)
  expect(refusal()).toBe('files: /models/m/1/v.json: entry 1: must differ from entry 0, got "12"')
})

test('a link that leads out of the folder is refused', () => {
  writeVersion()
  write('outside.onnx', 'graph')
  rmSync(join(root, 'models/m/1/model.onnx'))
  symlinkSync(join(root, 'outside.onnx'), join(root, 'models/m/1/model.onnx'))
  expect(refusal()).toMatch(
    'files: /models/m/1/model.onnx: must lie in the folder of its version, got a link to ',
  )
})

test('versions come in the order that people count in', () => {
  for (const version of ['10', '9', '1']) writeVersion(`models/m/${version}`, { version: `"${version}"` })
  expect(loadRepository([root]).versions.map(({ key }) => key)).toEqual(['m@1', 'm@9', 'm@10'])
})

test('the same version or objective in two roots is a problem; the first stands', () => {
  for (const part of ['a', 'b']) {
    writeVersion(`${part}/models/m/1`)
    write(`${part}/objectives/O.yaml`, objective('O'))
  }
  const { versions, objectives, problems } = loadRepository([join(root, 'a'), join(root, 'b')])
  expect(versions.map(({ directory }) => directory)).toEqual([join(root, 'a/models/m/1')])
  expect(objectives.get('O')?.file).toBe(join(root, 'a/objectives/O.yaml'))
  expect(problems.map((problem) => problem.replaceAll(root, ''))).toEqual([
    '/b/objectives/O.yaml: objective: must be defined in one place only, got O also in /a/objectives/O.yaml',
    '/b/models/m/1: must be the only folder of its version, got m@1 also in /a/models/m/1',
  ])
})

test('a bad objective is a problem and the others stand', () => {
  write('objectives/GOOD.yaml', objective('GOOD'))
  write('objectives/BAD.yaml', 'objective: BAD\n')
  write('objectives/NAMED.yaml', objective('OTHER'))
  const { objectives, problems } = loadRepository([root])
  expect([...objectives.keys()]).toEqual(['GOOD'])
  expect(problems.map((problem) => problem.replaceAll(root, ''))).toEqual([
    '/objectives/BAD.yaml: inputs: must be a map from names to inputs, got nothing',
    '/objectives/BAD.yaml: outputs: must be a map from names to outputs, got nothing',
    '/objectives/NAMED.yaml:1: objective: must be NAMED, the name of the file, got OTHER',
  ])
})

test('a root that holds neither objectives nor models, or is not there, is a problem', () => {
  mkdirSync(join(root, 'empty'))
  const { problems } = loadRepository([
    join(root, 'empty'),
    join(root, 'nowhere'),
    join(root, 'empty\\models'),
  ])
  expect(problems.map((problem) => problem.replaceAll(root, ''))).toEqual([
    'repositories.0: must be a folder with objectives/ or models/, got /empty, which has neither',
    'repositories.1: must be a folder with objectives/ or models/, got /nowhere, which is not there',
    'repositories.2: must be a folder with objectives/ or models/, got /empty\\models, which is not there; write paths with / in place of \\',
  ])
})

test('a folder that cannot be read is a problem, and a version that cannot is not ready', () => {
  mkdirSync(join(root, 'models/m'), { recursive: true })
  for (const loop of ['objectives', 'models/away', 'models/m/1'])
    symlinkSync(join(root, loop), join(root, loop))
  const { versions, problems } = loadRepository([root])
  expect(problems.map((problem) => problem.replaceAll(root, ''))).toEqual([
    '/objectives: must be a readable folder, got ELOOP',
    '/models/away: must be a readable folder, got ELOOP',
  ])
  expect(versions).toMatchObject([
    { key: 'm@1', state: 'refused', reason: expect.stringContaining('got ELOOP') },
  ])
})
