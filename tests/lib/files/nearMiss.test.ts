import { nearMiss, notOneOf } from '../../../lib/files/nearMiss'

const many = Array.from({ length: 500 }, (_, at) => `model-${at}`)

it('a message names the known ones, of many only some and how many more there are', () => {
  expect(notOneOf('must be a shard', 'x', ['cpu', 'gpu-large'])).toBe(
    'must be a shard (cpu, gpu-large), got x',
  )
  expect(notOneOf('must be a shard', 'x', [])).toBe('must be a shard (there is none), got x')
  expect(notOneOf('must be a model', 'zebra', many)).toBe(
    `must be a model (${many.slice(0, 20).join(', ')} and 480 more), got zebra`,
  )
  expect(nearMiss('zebra', many)).toBe(`; known: ${many.slice(0, 8).join(', ')} and 492 more`)
})

it('a message about one of many still says what was probably meant', () => {
  expect(notOneOf('must be a model', 'modle-321', many)).toContain('got modle-321; did you mean "model-321"?')
})
