import { type KeptRow, layoutFrom } from '../../../serving/cache/keptRow'
import { MemoryStore } from '../../../serving/cache/memoryStore'
import { CountedMetrics } from '../../support/countedMetrics'
import { FakeClock } from '../../support/fakeClock'

function open(maxEntries = 100, maxBytes = 100_000) {
  const clock = new FakeClock()
  const metrics = new CountedMetrics()
  const store = new MemoryStore({ maxEntries, maxBytes, clock, metrics })
  const kept = (keys: string) => {
    const found = store.read([...keys])
    return [...keys].filter((_, at) => found[at] !== undefined).join('')
  }
  return { store, clock, metrics, kept }
}

function row(bytes = 4): KeptRow {
  return { layout: layoutFrom(`[["y","uint8",${bytes}]]`)!, bytes: new Uint8Array(bytes) }
}

test('what was written is read until its time is over', () => {
  const { store, clock, kept } = open()
  const one = row()
  store.write(['a'], [one], 1_000)
  expect(store.read(['x', 'a'])).toEqual([undefined, one])
  clock.advance(999)
  expect(kept('a')).toBe('a')
  clock.advance(1)
  expect(kept('a')).toBe('')
  store.write(['a'], [one], 1_000)
  expect(kept('a')).toBe('a')
})

test('reading does not make it younger', () => {
  const { store, clock, kept } = open()
  store.write(['a'], [row()], 1_000)
  for (let turn = 0; turn < 4; turn++) {
    clock.advance(249)
    expect(kept('a')).toBe('a')
  }
  clock.advance(4)
  expect(kept('a')).toBe('')
})

test('of more rows than there is room for those stay that were used last, and the others are counted', () => {
  const { store, metrics, kept } = open(3)
  store.write(['a', 'b', 'c'], [row(), row(), row()], 1_000)
  kept('a')
  store.write(['d', 'e'], [row(), row()], 1_000)
  expect(kept('abcde')).toBe('ade')
  expect(metrics.read('presage_cache_evictions_total')).toBe(2)
  expect(metrics.read('presage_cache_entries')).toBe(3)
})

test('bytes are bounded with all that it takes to keep a row', () => {
  const { store, metrics } = open(1_000, 10_000)
  for (let at = 0; at < 100; at++) store.write([`key ${at}`], [row(50)], 1_000)
  expect(metrics.read('presage_cache_bytes')).toBeLessThanOrEqual(10_000)
  expect(metrics.read('presage_cache_entries')).toBe(20)
})

test('a row that is too large for all of it pushes nobody out', () => {
  const { store, kept } = open(1_000, 10_000)
  store.write(['a'], [row()], 1_000)
  store.write(['b'], [row(10_000)], 1_000)
  expect(kept('ab')).toBe('a')
})

test('its gauges end with it', async () => {
  const { store, metrics } = open()
  store.write(['a'], [row()], 1_000)
  expect(metrics.read('presage_cache_entries')).toBe(1)
  await store.dispose()
  expect(metrics.read('presage_cache_entries')).toBe(0)
})
