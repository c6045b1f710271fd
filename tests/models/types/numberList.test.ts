import { execFileSync } from 'node:child_process'
import { compiledPath } from '../../../lib/packagePaths'
import { areFloat32, copyNumbers } from '../../../models/types/numberList'

const highest = 2 ** 128 - 2 ** 103 - 2 ** 75
const beyond = 2 ** 128 - 2 ** 103

describe('numbers within float32', () => {
  it.each([[0], [-0], [1.5], [-3], [highest], [-highest], [5e-324]])(
    '%p is one, wherever it stands in a list',
    (item) => {
      for (let length = 0; length < 10; length++) {
        for (let at = 0; at < length; at++) expect(areFloat32(listOf(length, at, item))).toBe(true)
      }
    },
  )

  it.each([
    ['1'],
    [null],
    [undefined],
    [true],
    [[2]],
    [1n],
    [Number.NaN],
    [Infinity],
    [-Infinity],
    [beyond],
    [-beyond],
  ])('%p is none, wherever it stands in a list', (item) => {
    for (let length = 1; length < 10; length++) {
      for (let at = 0; at < length; at++) expect(areFloat32(listOf(length, at, item))).toBe(false)
    }
  })

  it('an empty place is none', () => {
    const list = [1, 2, 3, 4, 5]
    delete list[3]
    expect(areFloat32(list)).toBe(false)
  })

  it('two that cancel each other out are none', () => {
    expect(areFloat32([Infinity, -Infinity, Infinity, -Infinity])).toBe(false)
  })
})

it('a list is copied to its place, Booleans as numbers, and nothing beside it', () => {
  for (let length = 0; length < 10; length++) {
    const target = new Float32Array(14).fill(-1)
    copyNumbers(listOf(length, length - 1, true), length, target, 2)
    const expected = Array.from({ length }, (_, at) => (at === length - 1 ? 1 : at + 0.5))
    expect([...target]).toEqual([-1, -1, ...expected, ...new Array(12 - length).fill(-1)])
  }
})

/** The engine keeps unboxed numbers apart from anything else, and loops that have met both make boxes of all numbers. */
it('rows that only warm up hold lists of unboxed numbers, also after lists of texts were made', () => {
  const script = `
    const { repeated } = require(${JSON.stringify(compiledPath('models/preprocess/lists'))})
    for (let i = 0; i < 1000; i++) repeated('a', 9)
    console.log(%HasObjectElements(repeated('a', 9)), %HasObjectElements(repeated(0, 9)), %HasObjectElements(repeated(0.5, 9)))`
  const said = execFileSync(process.execPath, ['--allow-natives-syntax', '-e', script], { encoding: 'utf8' })
  expect(said.trim()).toBe('true false false')
})

/** 0.5, 1.5, 2.5, ... with one item of its own. */
function listOf(length: number, at: number, item: unknown): unknown[] {
  return Array.from({ length }, (_, place) => (place === at ? item : place + 0.5))
}
