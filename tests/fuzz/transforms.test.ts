import { join } from 'node:path'
import fc from 'fast-check'
import { PresageError } from '../../lib/errors'
import { packageRoot } from '../../lib/packagePaths'
import { compileModel } from '../../models/compile/compileModel'
import type { FeatureSpec } from '../../models/contracts/manifest'
import type { Model } from '../../models/contracts/model'
import { loadRepository } from '../../models/repository/repository'
import { createData } from '../../models/types/elementType'
import type { GraphSignature, Tensor, TensorSignature, TensorType } from '../../models/types/tensor'
import type { ValueType } from '../../models/types/valueType'
import { openSession } from '../../workers/runtime/onnx'
import { modelOf, signature } from '../models/support'
import { anyNumber, anyText, anyValue } from './arbitraries'

interface Subject {
  readonly model: Model
  readonly graph: GraphSignature
  /** Ids and words that its vocabularies hold. */
  readonly words: readonly (string | number)[]
}

/** Every step of which the published models have none, with options at their edges. */
const rareGraph = signature(
  ['x float32[batch,12]', 'whole int64[batch]', 'marks float32[batch,3]'],
  ['logits float32[batch,3]', 'margin float64[batch]', 'ids int64[batch,4]', 'flags bool[batch,4]'],
)
const rareSections = `
vocabularies: { words: [red, green, 7, __proto__] }
features:
  amount: { type: Float, nullable: true, range: [-0.5, 1.0e+30] }
  level: { type: Int, nullable: true }
  pair: { type: "[Float!]", length: 2 }
  tags: { type: "[String!]", maxLength: 3, nullable: true }
  color: { type: ID, nullable: true, maxLength: 9 }
  on: { type: Boolean, default: false }
  size: { type: enum, labels: [S, M], default: M }
  most: { type: Int, default: 2 }
preprocess:
  x:
    - { log1p: amount, offset: 3, scale: 1.0e-5 }
    - { clip: amount, to: [-0.1, 9] }
    - { bucketize: level, boundaries: [-1, 0, 5] }
    - { vector: pair, scale: 1.0e-3 }
    - { multiHot: tags, categories: [red, __proto__], unknown: zero }
    - { oneHot: size, categories: [S, M] }
  whole: { index: color, vocabulary: words, first: 1, unknown: 0 }
  marks: [{ number: on }, { number: level, fill: 1.5 }, { bucketize: level, boundaries: [0], yield: index, fill: 0 }]
postprocess:
  chances: { softmax: logits }
  chance: { softmax: logits, item: 2 }
  best: { argMax: logits, labels: [A, B, C] }
  sure: { sigmoid: margin }
  grade: { label: sure, labels: [LOW, HIGH], from: [0.5] }
  found: { lookup: ids, vocabulary: words }
  flags: { column: flags }
  items: { records: { word: found, flag: flags }, exclude: { word: color }, limit: most }
`

let subjects: Subject[]

beforeAll(async () => {
  const roots = ['examples/streaming', 'examples/streaming/movielens', 'examples/own-model/underwriting']
  const { versions } = loadRepository(roots.map((root) => join(packageRoot, root)))
  subjects = [{ model: modelOf(rareSections, rareGraph), graph: rareGraph, words: ['red', 7, '__proto__'] }]
  for (const version of versions) {
    if (version.state !== 'found') throw new Error(version.reason)
    const { signature: graph } = await openSession(version.graphPath)
    const words = Object.values(version.vocabularies).flatMap(({ entries }) => entries.slice(0, 20))
    subjects.push({ model: compileModel(version, graph), graph, words: words.length > 0 ? words : ['1'] })
  }
})

test('4,000 batches of arbitrary values: a row is admitted or refused with a code, and its tensors hold no NaN but for null', () => {
  let admitted = 0
  let refused = 0
  const batch = subjectsWith(({ model, words }) => rowsOf(model.features, words))
  fc.assert(
    fc.property(batch, ([{ model }, rows]) => {
      const raw = model.features.map((_, feature) => rows.map((row) => row[feature]))
      const { columns, errors } = model.validate(raw, rows.length)
      requireCoded(errors, rows.length, 'BAD_FEATURE')
      const good = rows.map((_, row) => row).filter((row) => errors?.[row] === undefined)
      refused += rows.length - good.length
      if (good.length === 0) return
      admitted += good.length
      const kept = columns.map((column) => good.map((row) => column[row]))
      const hasNull = good.map((_, row) => kept.some((column) => column[row] === null))
      for (const tensor of Object.values(model.preprocess(kept, good.length))) requireTensor(tensor, hasNull)
    }),
    { seed: 303, numRuns: 4_000 },
  )
  expect(admitted).toBeGreaterThan(800)
  expect(refused).toBeGreaterThan(800)
})

test('4,000 answers of arbitrary numbers: a row is a value without NaN or an error with a code', () => {
  let values = 0
  let failures = 0
  const answers = subjectsWith(({ model, graph, words }) =>
    rowsOf(model.features, words).chain((rows) =>
      fc.tuple(fc.constant(rows), fc.tuple(...graph.outputs.map((output) => tensorOf(output, rows.length)))),
    ),
  )
  fc.assert(
    fc.property(answers, ([{ model, graph }, [rows, tensors]]) => {
      const count = rows.length
      const raw = model.features.map((_, feature) => rows.map((row) => row[feature]))
      const { columns, errors: refusals } = model.validate(raw, count)
      const named = Object.fromEntries(graph.outputs.map(({ name }, at) => [name, tensors[at]]))
      try {
        model.checkOutputs(named, count)
      } catch (error) {
        if (!(error instanceof PresageError) || error.code !== 'MODEL_OUTPUT_SHAPE') throw error
        failures += count
        return
      }
      const wanted = model.outputs.map(({ name }) => name)
      const { outputs, errors } = model.postprocess(named, columns, count, wanted)
      requireCoded(errors, count, 'BAD_OUTPUT')
      for (let row = 0; row < count; row++) {
        if (refusals?.[row] !== undefined) continue // Such a row never comes this far.
        if (errors?.[row] !== undefined) failures++
        else {
          values++
          for (const { name, type } of model.outputs) requireOutput(outputs[name][row], type, name)
        }
      }
    }),
    { seed: 304, numRuns: 4_000 },
  )
  expect(values).toBeGreaterThan(200)
  expect(failures).toBeGreaterThan(200)
})

function subjectsWith<T>(make: (subject: Subject) => fc.Arbitrary<T>): fc.Arbitrary<[Subject, T]> {
  return fc.oneof(...subjects.map((subject) => fc.tuple(fc.constant(subject), make(subject))))
}

/** One to four rows with a value for each feature: mostly of its type, else anything, nothing or null. */
function rowsOf(features: readonly FeatureSpec[], words: readonly (string | number)[]) {
  const row = fc.tuple(
    ...features.map((feature) =>
      fc.oneof(
        { weight: 40, arbitrary: fitting(feature, words) },
        { weight: 1, arbitrary: anyValue },
        { weight: 1, arbitrary: fc.constantFrom(undefined, null) },
      ),
    ),
  )
  return fc.array(row, { minLength: 1, maxLength: 4 })
}

function fitting(feature: FeatureSpec, words: readonly (string | number)[]): fc.Arbitrary<unknown> {
  const of = (type: ValueType): fc.Arbitrary<unknown> => {
    const [min, max] = feature.range ?? [-1e6, 1e6]
    switch (type.kind) {
      case 'Int':
        return fc.oneof(
          {
            weight: 9,
            arbitrary: fc.integer({ min: Math.ceil(min), max: Math.min(Math.floor(max), 2 ** 31 - 1) }),
          },
          { weight: 1, arbitrary: anyNumber },
        )
      case 'Float':
        return fc.oneof(
          { weight: 20, arbitrary: fc.double({ min, max, noNaN: true }) },
          { weight: 1, arbitrary: anyNumber },
        )
      case 'Boolean':
        return fc.boolean()
      case 'enum':
        return fc.constantFrom(...type.labels)
      case 'list': {
        const { length } = feature
        return fc.array(of(type.of), { minLength: length ?? 0, maxLength: length ?? 5 })
      }
      default:
        return fc.oneof(fc.constantFrom(...words), anyText)
    }
  }
  return of(feature.type)
}

/** An answer of the graph: of its shape, or now and then with a row too few or too many; numbers of all kinds. */
function tensorOf({ type, shape }: TensorSignature, rows: number): fc.Arbitrary<Tensor> {
  const dims = fc.oneof(
    { weight: 30, arbitrary: fc.constant(rows) },
    { weight: 1, arbitrary: fc.constantFrom(0, rows + 1) },
  )
  const width = typeof shape[1] === 'number' ? fc.constant(shape[1]) : fc.integer({ min: 0, max: 5 })
  const small = fc.integer({ min: -1, max: 40 })
  const calm = fc.boolean()
  return fc
    .tuple(
      dims,
      width,
      calm,
      fc.array(fc.oneof({ weight: 4, arbitrary: small }, anyNumber), { minLength: 1, maxLength: 12 }),
    )
    .map(([first, second, isCalm, numbers]) => {
      const data = createData(type as TensorType, first * (shape.length === 1 ? 1 : second))
      for (let at = 0; at < data.length; at++) {
        const number = isCalm ? (at % 7) + 1 : numbers[at % numbers.length]
        if (data instanceof BigInt64Array || data instanceof BigUint64Array)
          data[at] = Number.isInteger(number) ? BigInt(number) : 2n ** 62n
        else data[at] = number
      }
      return { type: type as TensorType, dims: shape.length === 1 ? [first] : [first, second], data }
    })
}

function requireCoded(errors: readonly unknown[] | undefined, rows: number, code: string): void {
  if (errors === undefined) return
  if (errors.length > rows) throw new Error(`${errors.length} errors for ${rows} rows`)
  for (const error of errors) {
    if (error === undefined) continue
    if (!(error instanceof PresageError) || error.code !== code) throw error
    if (error.message.length > 500) throw new Error(`a message of ${error.message.length} characters`)
  }
}

function requireTensor({ dims, data }: Tensor, hasNull: readonly boolean[]): void {
  const rows = hasNull.length
  const size = dims.reduce((product, dimension) => product * dimension, 1)
  if (dims[0] !== rows || data.length !== size)
    throw new Error(`${dims} for ${rows} rows, ${data.length} values`)
  const width = size / rows
  for (let at = 0; at < size; at++) {
    const value = Number(data[at])
    if (Number.isFinite(value)) continue
    if (Number.isNaN(value) && hasNull[Math.floor(at / width)]) continue
    throw new Error(`${value} in row ${Math.floor(at / width)}`)
  }
}

/** Whether the value is one of the type that the model declared for it. */
function requireOutput(value: unknown, type: ValueType, where: string): void {
  const isSound = (): boolean => {
    switch (type.kind) {
      case 'Int':
        return Number.isSafeInteger(value)
      case 'Float':
        return Number.isFinite(value)
      case 'Boolean':
        return typeof value === 'boolean'
      case 'String':
        return typeof value === 'string'
      case 'ID':
        return typeof value === 'string' || Number.isSafeInteger(value)
      case 'enum':
        return type.labels.includes(value as string)
      case 'entity': {
        const { __typename, id } = value as Record<string, unknown>
        return __typename === type.of && (typeof id === 'string' || Number.isSafeInteger(id))
      }
      case 'list':
        if (!Array.isArray(value)) return false
        for (const item of value) requireOutput(item, type.of, `${where}[]`)
        return true
      case 'record':
        for (const [key, field] of Object.entries(type.fields))
          requireOutput((value as Record<string, unknown>)[key], field, `${where}.${key}`)
        return true
    }
  }
  if (!isSound()) throw new Error(`${where}: ${JSON.stringify(value)} is no ${type.kind}`)
}
