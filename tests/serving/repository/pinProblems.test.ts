import type { Model } from '../../../models/contracts/model'
import type { PredictionField } from '../../../schema/fields/plan'
import { pinProblems } from '../../../serving/repository/pinProblems'

const spec = { name: 'x', type: { kind: 'Int' }, nullable: false, onNull: 'error' } as const

const field = (version?: string): PredictionField => ({
  subgraph: 'own',
  type: 'Query',
  field: 'y',
  coordinate: 'Query.y',
  target: { kind: 'model', model: 'probe', ...(version !== undefined && { version }) },
  inputs: [{ spec, binding: { from: 'args', path: ['x'] } }],
  outputs: [{ name: 'y', type: { kind: 'Float' } }],
  shape: { kind: 'value', output: 'y' },
})

const model = (parts: Partial<Pick<Model, 'features' | 'outputs'>> = {}, name = 'probe') => ({
  manifest: { name },
  features: [{ ...spec, input: 'x' }],
  outputs: [{ name: 'y', type: { kind: 'Float' } as const }],
  ...parts,
})

const feature = (name: string, more: object = {}): Model['features'][number] => {
  return { ...spec, name, input: name, ...more }
}

test('a version fits that takes what the field gives and yields what it has; more features if they can be missed', () => {
  expect(pinProblems([field()], model())).toEqual([])
  const more = [
    feature('x', { type: { kind: 'Float' } }),
    feature('a', { nullable: true }),
    feature('b', { default: 1 }),
  ]
  expect(pinProblems([field()], model({ features: more }))).toEqual([])
  expect(pinProblems([field()], model({ features: [] }))).toEqual([])
})

test('a version does not fit that needs a feature or another type, or lacks an output', () => {
  const features = [feature('x', { type: { kind: 'String' } }), feature('tag')]
  expect(
    pinProblems([field()], model({ features, outputs: [{ name: 'y', type: { kind: 'String' } }] })),
  ).toEqual([
    'feature x: must take Int as Query.y gives it, got String',
    'feature tag: must be nullable or have a default, since Query.y pins probe and does not give it',
    'output y: must be Float as Query.y has it, got String',
  ])
  expect(pinProblems([field()], model({ outputs: [] }))).toEqual([
    'output y: must be Float as Query.y has it, got none',
  ])
})

test.each(['default', 'absent'] as const)(
  'a version does not fit that needs what is %s in the field; of what type it is does not matter',
  (from) => {
    const pinning = { ...field(), inputs: [{ spec, binding: { from } }] }
    expect(pinProblems([pinning], model())).toEqual([
      'feature x: must be nullable or have a default, since Query.y pins probe and does not give it',
    ])
    const other = feature('x', { type: { kind: 'String' }, default: '' })
    expect(pinProblems([pinning], model({ features: [other] }))).toEqual([])
  },
)

test('fields that pin a version, or another model, do not care', () => {
  expect(pinProblems([field('1')], model({ outputs: [] }))).toEqual([])
  expect(pinProblems([field()], model({ outputs: [] }, 'other'))).toEqual([])
})
