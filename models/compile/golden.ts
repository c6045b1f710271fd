import { LoadError, PresageError, show } from '../../lib/errors'
import { notOneOf } from '../../lib/files/nearMiss'
import { readWithin } from '../../lib/files/readWithin'
import { isMap } from '../../lib/isMap'
import { shortPath } from '../../lib/packagePaths'
import { parseJson } from '../../lib/readJson'
import type { FeatureSpec } from '../contracts/manifest'
import type { OutputSpec } from '../contracts/objective'
import type { ValueType } from '../types/valueType'

/**
 * One example: features by name, and the expected values of some outputs. Null stands for NaN, and so for `BAD_OUTPUT`.
 */
export interface GoldenCase {
  readonly input: Readonly<Record<string, unknown>>
  readonly output: Readonly<Record<string, unknown>>
}

export interface Golden {
  /** The largest difference allowed between two numbers. */
  readonly tolerance: number
  readonly cases: readonly GoldenCase[]
}

const defaultTolerance = 1e-5

/** The most bytes of a golden file, which is read in one piece. */
export const maxGoldenBytes = 2 ** 20

/** Reads a version's golden file. Throws `LoadError` if it is invalid, and the system's error if it does not exist. */
export function readGolden(path: string): Golden {
  return parseGolden(readWithin(path, maxGoldenBytes).toString(), shortPath(path))
}

/** The text of a golden file, which may have other keys too. One case per line, so that a diff shows which case changed. */
export function goldenText(source: {
  readonly cases: readonly GoldenCase[]
  readonly tolerance?: number
}): string {
  const entries = Object.entries(source).map(([key, value]) =>
    key === 'cases'
      ? `"cases": [\n${source.cases.map((one) => JSON.stringify(one)).join(',\n')}\n]`
      : `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  )
  return `{\n${entries.join(',\n')}\n}\n`
}

/** Reads JSON `{ tolerance, cases: [{ input, output }] }`; other keys are ignored. Throws `LoadError`. */
export function parseGolden(json: string, file: string): Golden {
  const source = parseJson(json, file)
  if (!isMap(source)) throw new LoadError([`${file}: must be { tolerance, cases }, got ${show(source)}`])
  const { tolerance = defaultTolerance, cases } = source
  const problems: string[] = []
  if (!Number.isFinite(tolerance) || (tolerance as number) < 0) {
    problems.push(`${file}: tolerance: must be a number from 0 on, got ${show(tolerance)}`)
  }
  if (!Array.isArray(cases) || cases.length === 0) {
    problems.push(`${file}: cases: must be a list of { input, output }, got ${show(cases)}`)
  } else {
    for (const [place, golden] of cases.entries()) {
      if (
        isMap(golden) &&
        isMap(golden.input) &&
        isMap(golden.output) &&
        Object.keys(golden.output).length > 0
      )
        continue
      problems.push(
        `${file}: cases.${place}: must be { input, output } with at least one output, got ${show(golden)}`,
      )
    }
  }
  if (problems.length > 0) throw new LoadError(problems)
  return { tolerance: tolerance as number, cases: cases as GoldenCase[] }
}

/** The first feature of the cases that the version does not have, as a problem. */
export function unknownFeature(
  cases: readonly GoldenCase[],
  features: readonly FeatureSpec[],
): string | undefined {
  const names = new Set(features.map(({ name }) => name))
  for (const [place, { input }] of cases.entries()) {
    const unknown = Object.keys(input).find((name) => !names.has(name))
    if (unknown !== undefined)
      return notOneOf(`case ${place}: input.${unknown}: must be a feature`, unknown, [...names])
  }
  return undefined
}

/**
 * Compares one answer with its case: the outputs by name, each its value or its error. Returns the first difference as
 * `output: expectation, got what`, or undefined. Numbers may differ by `tolerance`. Ids, which `outputs` tell from other
 * values, are compared as text (a stub by its id), and may be swapped where a list of numbers of the same length ties
 * within `tolerance`. Outputs that the case does not name are not compared. `relative` is a further tolerance, relative
 * to the greater number, or to 1.
 */
export function compareGolden(
  { output }: GoldenCase,
  actual: Readonly<Record<string, unknown>>,
  outputs: readonly OutputSpec[],
  tolerance: number,
  relative = 0,
): string | undefined {
  // Numbers that the case does not name can also show which ids tie.
  const beside = () => numberLists({ ...actual, ...output })
  const near: Near = (one, two) =>
    Math.abs(one - two) <= Math.max(tolerance, relative * Math.max(1, Math.abs(one), Math.abs(two)))
  for (const [name, expected] of Object.entries(output)) {
    const got = Object.hasOwn(actual, name) ? actual[name] : undefined
    if (got instanceof PresageError) {
      const { code, message } = got
      if (code !== 'BAD_OUTPUT') return `must be answered, got ${code}: ${message}`
      if (holdsNull(expected)) continue
      return `${name}: must be ${show(expected)}, got ${code}: ${message}`
    }
    const type = outputs.find((one) => one.name === name)?.type
    const problem = difference(expected, got, { type, near, beside })
    if (problem !== undefined) return `${name}${problem}`
  }
  return undefined
}

/** Whether a nested number is NaN, which fails the whole output. */
function holdsNull(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === null
  return Object.values(value).some(holdsNull)
}

/** Whether two numbers are the same within the tolerance. */
type Near = (one: number, two: number) => boolean

interface Comparison {
  /** Of the values; undefined if it is unknown. */
  readonly type: ValueType | undefined
  readonly near: Near
  /**
   * All lists of numbers, perhaps including the compared one: equal numbers make ids interchangeable. A function,
   * because finding them is slow and needed only if ids differ.
   */
  readonly beside: () => readonly (readonly number[])[]
}

/** Where and how two values differ, as `.path: expectation, got what`. */
function difference(expected: unknown, got: unknown, comparison: Comparison): string | undefined {
  if (expected === null) return got === null ? undefined : `: must be null for BAD_OUTPUT, got ${show(got)}`
  if (Array.isArray(expected)) {
    if (!Array.isArray(got)) return `: must be a list, got ${show(got)}`
    if (got.length !== expected.length) return `: must have ${expected.length} items, got ${got.length}`
    const areRecords =
      expected.length > 0 && [...expected, ...got].every((item) => isMap(item) && !isStub(item))
    return areRecords
      ? recordsDifference(expected as Row[], got as Row[], { ...comparison, type: itemType(comparison.type) })
      : listDifference(expected, got, comparison)
  }
  if (isMap(expected) && !isStub(expected)) {
    if (!isMap(got)) return `: must be a record, got ${show(got)}`
    for (const [key, value] of Object.entries(expected)) {
      const problem = difference(value, got[key], { ...comparison, type: fieldType(comparison.type, key) })
      if (problem !== undefined) return `.${key}${problem}`
    }
    return undefined
  }
  return same(expected, got, comparison) ? undefined : `: must be ${show(expected)}, got ${show(got)}`
}

type Row = Readonly<Record<string, unknown>>

/** Compares records field by field, so that a field of ids may tie with a field of numbers. */
function recordsDifference(
  expected: readonly Row[],
  got: readonly Row[],
  { type, near }: Omit<Comparison, 'beside'>,
): string | undefined {
  const fields = Object.fromEntries(
    Object.keys(expected[0]).map((key) => [key, expected.map((row) => row[key])]),
  )
  const beside = () => numberLists(fields)
  for (const [key, values] of Object.entries(fields)) {
    const of = fieldType(type, key)
    const problem = difference(
      values,
      got.map((row) => row[key]),
      { type: of && { kind: 'list', of }, near, beside },
    )
    if (problem !== undefined) return `.${key}${problem}`
  }
  return undefined
}

function listDifference(
  expected: readonly unknown[],
  got: readonly unknown[],
  { type, near, beside }: Comparison,
): string | undefined {
  const item = { type: itemType(type), near }
  const areNumbers = item.type?.kind === 'Int' || item.type?.kind === 'Float'
  const places = new Map(expected.map((value, place) => [textOf(value), place]))
  const distinct = places.size === expected.length
  if (!areNumbers && distinct && got.every(isId) && new Set(got.map(textOf)).size < got.length) {
    return `: must hold each id once, got ${show(got)}`
  }
  let scores: readonly (readonly number[])[] | undefined
  for (let place = 0; place < expected.length; place++) {
    if (same(expected[place], got[place], item)) continue
    // An unexpected id may have tied with the last one, where the list was cut off.
    const other = places.get(textOf(got[place])) ?? expected.length - 1
    scores ??= beside().filter((list) => list !== expected && list.length === expected.length)
    const tied = scores.some((list) => near(list[place], list[other]))
    if (!areNumbers && isId(expected[place]) && isId(got[place]) && tied) continue
    return `[${place}]: must be ${show(expected[place])}, got ${show(got[place])}`
  }
  return undefined
}

function same(expected: unknown, got: unknown, { type, near }: Omit<Comparison, 'beside'>): boolean {
  if (type?.kind === 'ID' || isStub(expected) || isStub(got))
    return isId(expected) && isId(got) && textOf(expected) === textOf(got)
  if (typeof expected === 'number' && typeof got === 'number') return near(expected, got)
  return expected === got
}

function itemType(type: ValueType | undefined): ValueType | undefined {
  return type?.kind === 'list' ? type.of : undefined
}

function fieldType(type: ValueType | undefined, name: string): ValueType | undefined {
  return type?.kind === 'record' && Object.hasOwn(type.fields, name) ? type.fields[name] : undefined
}

function numberLists(values: Row): number[][] {
  return Object.values(values).filter(
    (value): value is number[] => Array.isArray(value) && value.every((item) => typeof item === 'number'),
  )
}

/** Text, a whole number, or a stub of an entity. */
function isId(value: unknown): boolean {
  return typeof value === 'string' || Number.isSafeInteger(value) || isStub(value)
}

function textOf(value: unknown): string {
  return isStub(value) ? String(value.id) : String(value)
}

function isStub(value: unknown): value is { readonly id: unknown } {
  return (
    isMap(value) &&
    Object.hasOwn(value, 'id') &&
    Object.keys(value).every((key) => key === 'id' || key === '__typename')
  )
}
