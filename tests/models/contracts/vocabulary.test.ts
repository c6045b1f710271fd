import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { atOnce } from '../../../lib/scheduling/turns'
import { createVocabulary, WholeNumberPositions, wholeNumberOf } from '../../../models/contracts/vocabulary'
import { readVersion } from '../../../models/repository/readVersion'

const positionsOf = (...entries: readonly (string | number)[]) =>
  atOnce(createVocabulary(entries, 'vocabularies.v')).positions

describe('A vocabulary', () => {
  it('knows the position of each entry by its text, whether that is a number or a word', () => {
    const entries = [12, 'twelve', '7', 0, -3, 4_294_967_296, '007', '', 'null', Number.MAX_SAFE_INTEGER]
    const positions = positionsOf(...entries)
    expect(positions.size).toBe(entries.length)
    for (const [position, entry] of entries.entries()) expect(positions.get(String(entry))).toBe(position)
  })

  it('takes no text for the number that it would stand for', () => {
    const positions = positionsOf(12, 7, 0)
    for (const text of [
      '012',
      '12.0',
      ' 12',
      '+7',
      '00',
      '-0',
      '1e1',
      '',
      '٧',
      '7\u0000',
      '4294967308',
      '120',
    ]) {
      expect(positions.get(text)).toBeUndefined()
    }
  })

  it('refuses an entry that stands there already as text or as a number, and tells where', () => {
    expect(() => positionsOf('a', 12, '12')).toThrow('entry 2: must differ from entry 1, got "12"')
    expect(() => positionsOf('a', '12', 12)).toThrow('entry 2: must differ from entry 1, got 12')
    expect(() => positionsOf('a', 'b', 'a')).toThrow('entry 2: must differ from entry 0, got "a"')
  })

  it('refuses a number that is not exactly what stands in the file', () => {
    expect(() => positionsOf(1, 2 ** 53)).toThrow(
      'entry 1: must be text or a whole number from -(2^53 - 1) to 2^53 - 1 (write larger ids as text), got 9007199254740992',
    )
  })

  it('agrees with a Map on many ids, near and far, known and unknown', () => {
    let seed = 7
    const next = (below: number) => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0
      return Math.floor((seed / 2 ** 32) * below)
    }
    const ids = new Set([0, 1, 0x7fffffff, 0x80000000, 0xffffffff])
    while (ids.size < 3000) ids.add(next(ids.size % 2 === 0 ? 5000 : 2 ** 31))
    const entries = [...ids]
    const positions = positionsOf(...entries)
    const expected = new Map(entries.map((id, position) => [String(id), position]))
    for (let id = 0; id < 20_000; id++) expect(positions.get(String(id))).toBe(expected.get(String(id)))
    for (const id of entries) expect(positions.get(String(id))).toBe(expected.get(String(id)))
  })
})

describe('A vocabulary of a file', () => {
  const vocabulariesOf = (name: string) => {
    const version = readVersion(join(packageRoot, 'examples/streaming/movielens/models', name))
    if (version.state === 'refused') throw new Error(version.reason)
    return version.vocabularies
  }

  it('is one for all versions whose files are the same, and another where they are not', () => {
    const older = vocabulariesOf('rating-predictor/3')
    const newer = vocabulariesOf('rating-predictor/4')
    expect(newer.titles).toBe(older.titles)
    expect(newer.members).toBe(older.members)
    expect(vocabulariesOf('title-recommender/3').titles).not.toBe(newer.titles)
  })
})

describe('Positions of whole numbers', () => {
  it('hold as many as they were made for, in any order', () => {
    for (const most of [1, 5, 6, 100]) {
      const positions = new WholeNumberPositions(most)
      for (let number = most; number > 0; number--) positions.set(number * 1024, number)
      for (let number = 1; number <= most; number++) expect(positions.get(number * 1024)).toBe(number)
      expect(positions.get(1)).toBeUndefined()
    }
  })
})

describe('The whole number of a text', () => {
  it('is that of the text that the number itself has', () => {
    for (const number of [0, 1, 9, 10, 193_609, 2_147_483_647])
      expect(wholeNumberOf(String(number))).toBe(number)
    for (const text of ['2147483648', '9999999999', '10000000000', '01', '-1', '1 ', 'x', '']) {
      expect(wholeNumberOf(text)).toBe(-1)
    }
  })
})
