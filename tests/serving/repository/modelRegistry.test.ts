import type { Plan } from '../../../schema/fields/plan'
import { type Audience, ModelRegistry, type VersionStatus } from '../../../serving/repository/modelRegistry'
import { createReadiness } from '../../../serving/repository/readiness'
import { numberModel } from '../../support/numberModel'

function registryOf(states: Readonly<Record<string, 'loading' | 'ready' | 'refused'>>): ModelRegistry {
  const registry = new ModelRegistry()
  for (const [key, is] of Object.entries(states)) registry.set(status(key, is))
  return registry
}

function status(key: string, is: 'loading' | 'ready' | 'refused'): VersionStatus {
  const [name, version] = key.split('@')
  const common = { key, name, version, shards: ['main'] }
  if (is === 'ready') return { ...common, state: { is, model: numberModel(key) } }
  return { ...common, state: is === 'loading' ? { is } : { is, reason: `${key} is broken` } }
}

/** The key of what is found, or the error's code and message. */
function found(registry: ModelRegistry, name: string, audience: Audience = 'clients'): string {
  try {
    return registry.find(name, audience).status.key
  } catch (error) {
    const { code, message } = error as { code: string; message: string }
    return `${code}: ${message}`
  }
}

it('lists versions by name, then as people count', () => {
  const registry = registryOf({
    'b@10': 'ready',
    'b@9': 'ready',
    'a@1.10': 'ready',
    'a@1.9': 'ready',
    'b@9a': 'ready',
  })
  expect(registry.list().map(({ key }) => key)).toEqual(['a@1.9', 'a@1.10', 'b@9', 'b@9a', 'b@10'])
})

it('finds a version, or the newest one of a model that is ready', () => {
  const registry = registryOf({
    'a@1': 'ready',
    'a@9': 'ready',
    'a@10': 'loading',
    'a@11': 'refused',
    'ab@12': 'ready',
  })
  expect(found(registry, 'a')).toBe('a@9')
  expect(found(registry, 'a@1')).toBe('a@1')
  expect(found(registry, 'a@10')).toBe('MODEL_NOT_READY: a@10 is not ready: it is still loading')
  expect(found(registry, 'a@11')).toBe('MODEL_NOT_READY: a@11 is not ready: it is not fit to serve')
  expect(found(registry, 'a@11', 'platform')).toBe('MODEL_NOT_READY: a@11 is not ready: a@11 is broken')
  expect(found(registry, 'a@12')).toBe(
    'MODEL_NOT_FOUND: model: must be a version of the repository, got "a@12"',
  )
  expect(found(registry, 'b')).toBe('MODEL_NOT_FOUND: model: must be one of the repository, got "b"')
  expect(found(registry, '')).toBe('MODEL_NOT_FOUND: model: must be one of the repository, got ""')
  registry.set(status('a@10', 'ready'))
  expect(found(registry, 'a')).toBe('a@10')
})

it('tells who may override why a version does not answer', () => {
  const registry = registryOf({ 'a@1': 'loading', 'a@2': 'refused' })
  expect(registry.whyNot('O', 'a@1')).toBe('it is not ready: it is still loading')
  expect(registry.whyNot('O', 'a@2')).toBe('it is not ready: a@2 is broken')
  expect(registry.whyNot('O', 'a@3')).toBe('the repository has no such version')
})

describe('ready', () => {
  const pinning = (...targets: Plan['fields'][number]['target'][]) =>
    ({ fields: targets.map((target) => ({ target })), report: [] }) as unknown as Plan
  const unpinned = pinning({ kind: 'objective', objective: 'O' })

  it('is a deployment once every version is that rules name; others do not matter', () => {
    const registry = registryOf({ 'a@1': 'loading', 'b@1': 'ready', 'c@1': 'refused' })
    const readiness = createReadiness(registry, () => ['a@1', 'b@1', 'a@1'], unpinned)
    expect(readiness()).toEqual({ ready: false, reasons: ['a@1 is not ready: it is still loading'] })
    registry.set(status('a@1', 'ready'))
    expect(readiness()).toEqual({ ready: true, reasons: [] })
    registry.set(status('b@1', 'refused'))
    expect(readiness()).toEqual({ ready: false, reasons: ['b@1 is not ready: b@1 is broken'] })
  })

  it('is one with a field that pins a model when any of its versions is, or the one that is pinned', () => {
    const registry = registryOf({ 'a@1': 'refused', 'a@2': 'loading' })
    const anyVersion = createReadiness(registry, () => [], pinning({ kind: 'model', model: 'a' }))
    const second = createReadiness(registry, () => [], pinning({ kind: 'model', model: 'a', version: '2' }))
    expect(anyVersion().ready).toBe(false)
    registry.set(status('a@1', 'ready'))
    expect(anyVersion()).toEqual({ ready: true, reasons: [] })
    expect(second()).toEqual({ ready: false, reasons: ['a@2 is not ready: it is still loading'] })
  })
})
