import { parseManifest } from '../../../models/manifest/parseManifest'
import { manifestText, problemsOf } from '../support'

const recommender = `
serves: [RECOMMEND_TITLES]
platform: onnx
vocabularies: { titles: [1, 2, 3] }
features:
  history:         { type: "[ID!]", input: likedTitleIds }
  excludeTitleIds: { type: "[ID!]", default: [] }
  limit:           { type: Int, range: [1, 50], default: 10 }
preprocess:
  history:      { indexList: history, vocabulary: titles, first: 1, unknown: 0 }
  history_mask: { mask: history }
postprocess:
  titleIds: { lookup: titles, vocabulary: titles, first: 1 }
  scores:   { column: scores }
  items:    { records: { title: { entity: Title, of: titleIds }, score: scores }, exclude: { title: excludeTitleIds }, limit: limit }
`

test('a manifest is read whole, with defaults and the objective’s name of each feature', () => {
  const manifest = parseManifest(manifestText(recommender), 'model.yaml')
  expect(manifest).toMatchObject({
    key: 'm@1',
    serves: ['RECOMMEND_TITLES'],
    vocabularies: { titles: { entries: [1, 2, 3] } },
    batching: { maxRows: 512, maxDelayMs: 0 },
    warmUp: [1],
  })
  expect(manifest.features.map(({ name, input }) => [name, input])).toEqual([
    ['history', 'likedTitleIds'],
    ['excludeTitleIds', 'excludeTitleIds'],
    ['limit', 'limit'],
  ])
  expect(Object.keys(manifest.postprocess)).toEqual(['titleIds', 'scores', 'items'])
  expect(Object.isFrozen(manifest.preprocess.history)).toBe(true)
})

test('names on other servers are those of tensors that the manifest knows, each once', () => {
  const remote = { model: 'r', version: '', inputs: { history: 'ids' }, outputs: { scores: 'p' } }
  const withRemote = (value: object) => manifestText(`${recommender}remote: ${JSON.stringify(value)}\n`)
  expect(parseManifest(withRemote(remote), 'm.yaml').remote).toEqual(remote)
  const wrong = { inputs: { likedTitleIds: 'ids' }, outputs: { items: 'p' } }
  expect(problemsOf(() => parseManifest(withRemote(wrong), 'm.yaml'))).toEqual([
    expect.stringMatching(
      /^m\.yaml:\d+: remote\.inputs\.likedTitleIds: must be an input of preprocess \(history, history_mask\), got likedTitleIds$/,
    ),
    expect.stringMatching(
      /^m\.yaml:\d+: remote\.outputs\.items: must be an output that postprocess reads \(.*scores.*\), got items$/,
    ),
  ])
  const twice = { inputs: { history: 'a', history_mask: 'a' } }
  expect(problemsOf(() => parseManifest(withRemote(twice), 'm.yaml'))).toEqual([
    expect.stringMatching(/remote\.inputs: must not give two tensors the same name/),
  ])
})

test('shapes are checked down to the options of each step, all at once', () => {
  const text = `
name: my model
version: 3
graph: { file: ../model.onnx, bytes: 0, sha256: abc, data: [{ file: a/b, bytes: 1, sha256: abc }] }
vocabularies: { titles: { file: titles.json, sha256: abc, x: 1 } }
platform: remote
features: { f: { type: Int } }
preprocess:
  a: { indexList: f, vocabulry: titles, first: -1, unknown: foo }
  b: [{ number: f, scale: 0 }, { mask: f }]
  c: { number: f, index: f }
postprocess:
  l: { label: y, labels: [A, B], from: [1, 2] }
batching: { maxDelay: 5 }
`
  const columns = 'number, log1p, clip, bucketize, multiHot, oneHot, vector, text'
  const idText = 'must be text of letters, digits, -, _ and ., in quotes where it could be a number'
  const sha256 = 'must be a SHA-256 of 64 digits from 0 to f, in quotes if need be, got "abc"'
  expect(problemsOf(() => parseManifest(text, 'm.yaml'))).toEqual([
    `m.yaml:2: name: ${idText}, got "my model"`,
    `m.yaml:3: version: ${idText}, got 3`,
    'm.yaml:6: platform: must be onnx (pipeline and remote are not built yet), got "remote"',
    'm.yaml:4: graph.file: must be the name of a file in this folder, got "../model.onnx"',
    'm.yaml:4: graph.bytes: must be a whole number from 1 on, got 0',
    `m.yaml:4: graph.sha256: ${sha256}`,
    'm.yaml:4: graph.data.0.file: must be the name of a file in this folder, got "a/b"',
    `m.yaml:4: graph.data.0.sha256: ${sha256}`,
    `m.yaml:5: vocabularies.titles.sha256: ${sha256}`,
    'm.yaml:5: vocabularies.titles.x: is not one of the keys file, sha256',
    'm.yaml:9: preprocess.a.vocabulary: must be a name, got nothing',
    'm.yaml:9: preprocess.a.first: must be a whole number from 0 on, got -1',
    'm.yaml:9: preprocess.a.unknown: must be error, zero or an index from 0 on, got "foo"',
    'm.yaml:9: preprocess.a.vocabulry: is not one of the keys indexList, vocabulary, first, unknown; did you mean "vocabulary"?',
    'm.yaml:10: preprocess.b.0.scale: must not be 0, got 0',
    `m.yaml:10: preprocess.b.1: must have one step of ${columns}, got { mask }`,
    `m.yaml:11: preprocess.c: must have one step of ${columns}, index, indexList, mask, ngrams, got { number, index }`,
    'm.yaml:13: postprocess.l.from: must be increasing numbers, one for each label except the first, got [1,2]',
    'm.yaml:14: batching.maxDelay: must be a duration in ms, s or m, such as 200ms, 1s or 2m, got 5',
  ])
})

test('names that steps mention must be there and of a type that the step takes; what no step reads is a slip', () => {
  const text = `
vocabularies: { titles: [1], spare: [1] }
features: { text: { type: String }, tags: { type: "[String!]" }, idle: { type: Int } }
preprocess:
  a: [{ number: text }, { number: nowhere }, { oneHot: tags, categories: [A] }]
  b: { index: text, vocabulary: none }
  c: { indexList: tags, vocabulary: titles }
postprocess:
  label: { label: p, labels: [A, B], from: [1] }
  p: { column: p }
  items: { records: { a: p }, limit: text }
`
  expect(problemsOf(() => parseManifest(manifestText(text), 'm.yaml'))).toEqual([
    'm.yaml:8: preprocess.a.0.number: must be Int, Float or Boolean, got text, which is String',
    'm.yaml:8: preprocess.a.1.number: must be a feature (text, tags, idle), got nowhere',
    'm.yaml:8: preprocess.a.2.oneHot: must be String, ID, enum, Int or Boolean, got tags, which is [String!]',
    'm.yaml:9: preprocess.b.vocabulary: must be a vocabulary (titles, spare), got none',
    'm.yaml:12: postprocess.label.label: must be an output above (there is none), got p',
    'm.yaml:14: postprocess.items.limit: must be Int, got text, which is String',
    'm.yaml:6: features.idle: must be read by a step, got none',
    'm.yaml:5: vocabularies.spare: must be read by a step, got none',
  ])
})

test('a warm-up batch may not be larger than batches may get', () => {
  const text = manifestText(`${recommender}\nbatching: { maxRows: 8 }\nwarmUp: [1, 16]`)
  expect(problemsOf(() => parseManifest(text, 'm.yaml'))).toEqual([
    'm.yaml:21: warmUp: must have at most batching.maxRows rows, got [1,16]',
  ])
})

test('numbers below what an option takes are told in words', () => {
  const text = manifestText(recommender).replace('unknown: 0', 'unknown: -1')
  expect(problemsOf(() => parseManifest(text, 'm.yaml'))).toEqual([
    'm.yaml:13: preprocess.history.unknown: must be at least 0, got -1',
  ])
})

test('a key that breaks the line is quoted, and a key that is no scalar is refused', () => {
  const broken = manifestText(`${recommender}"a\\nb": 1\n`)
  expect(problemsOf(() => parseManifest(broken, 'm.yaml'))[0]).toMatch(
    /^m\.yaml:19: "a\\nb": is not one of the keys name, /,
  )
  const list = manifestText(`${recommender}[a, b]: 1\n`)
  expect(problemsOf(() => parseManifest(list, 'm.yaml'))).toEqual(['m.yaml:19:1: a key must be text'])
})
