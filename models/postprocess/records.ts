import { z } from 'zod'
import { name, namedShape, strictShape } from '../../lib/files/shapes'
import { aWord, listOf } from '../preprocess/featureKinds'
import type { FeatureKind } from '../preprocess/step'
import { printType } from '../types/parseType'
import type { ValueType } from '../types/valueType'
import { entityShape, entityType, stub } from './entity'
import {
  type OutputBatch,
  type OutputStep,
  outputStep,
  type PostprocessContext,
  type TypeContext,
} from './step'

const fieldError = 'must be the name of an output above, or { entity: Type, of: output }'
const field = z.union([name, strictShape(entityShape)], { error: fieldError })

/**
 * `{ records: { title: { entity: Title, of: titleIds }, score: scores }, exclude: { title: excludeTitleIds }, limit:
 * limit }`: zips lists of equal length into a list of records. Then drops records whose field is among a feature's ids
 * (compared as text), and all after the first `limit`, so there may be fewer than requested.
 */
export const records = outputStep({
  name: 'records',
  options: strictShape({
    records: namedShape(field, 'outputs above')
      .refine((fields) => Object.keys(fields).length > 0, 'must not be empty')
      .describe('For each field, an output above that is a list'),
    exclude: namedShape(name, 'features')
      .optional()
      .describe('For a field, the feature (an id or a list of ids) whose values are left out'),
    limit: name.optional().describe('The feature that limits the number of records'),
  })
    .refine(
      ({ records: fields, exclude = {} }) => Object.keys(exclude).every((key) => Object.hasOwn(fields, key)),
      {
        path: ['exclude'],
        error: 'must name fields of records',
      },
    )
    .describe('A list of records made from lists of equal length'),
  reads: (options) => ({
    outputs: Object.entries(options.records).map(([key, source]) => ({
      option: `records.${key}`,
      name: outputOf(source),
    })),
    features: [
      ...Object.entries(options.exclude ?? {}).map(([key, feature]) => ({
        option: `exclude.${key}`,
        name: feature,
        kind: excluding,
      })),
      ...(options.limit ? [{ option: 'limit', name: options.limit, kind: counting }] : []),
    ],
  }),
  type(options, context) {
    const fields: Record<string, ValueType> = {}
    for (const [key, source] of Object.entries(options.records)) {
      const type = fieldType(source, context) ?? expectedField(key, context)
      if (type === undefined) return undefined
      fields[key] = type
    }
    return { kind: 'list', of: { kind: 'record', fields } }
  },
  compile: compileRecords,
})

type Field = z.infer<typeof field>

const excluding: FeatureKind = {
  words: 'ids or words, or one of them',
  takes: (type) => aWord.takes(type) || listOf(aWord).takes(type),
}
const counting: FeatureKind = { words: 'Int', takes: (type) => type.kind === 'Int' }

function outputOf(source: Field): string {
  return typeof source === 'string' ? source : source.of
}

/** The type of one field, which is the item type of its list. */
function fieldType(source: Field, context: TypeContext): ValueType | undefined {
  const list =
    typeof source === 'string' ? context.output(source) : entityType(source.entity, source.of, context)
  if (list === undefined)
    return typeof source === 'string' ? undefined : { kind: 'entity', of: source.entity }
  if (list.kind === 'list') return list.of
  return context.fail(`must zip lists, got ${outputOf(source)}, which is ${printType(list)}`)
}

function expectedField(key: string, { expected }: TypeContext): ValueType | undefined {
  const record = expected?.kind === 'list' ? expected.of : undefined
  return record?.kind === 'record' && Object.hasOwn(record.fields, key) ? record.fields[key] : undefined
}

function compileRecords(
  options: { records: Record<string, Field>; exclude?: Record<string, string>; limit?: string },
  context: PostprocessContext,
): OutputStep {
  const keys = Object.keys(options.records)
  const sources = keys.map((key) => options.records[key])
  const entities = sources.map((source) => (typeof source === 'string' ? undefined : source.entity))
  const exclusions = Object.entries(options.exclude ?? {}).map(
    ([key, feature]): Exclusion => ({
      field: keys.indexOf(key),
      feature: context.position(feature),
    }),
  )
  const limit = options.limit === undefined ? undefined : context.position(options.limit)
  const notNegative = (value: unknown) =>
    value !== null && (value as number) < 0 ? 'must not be negative' : undefined
  return {
    demands: limit === undefined ? [] : [{ feature: limit, examples: () => [0], check: notNegative }],
    build(batch) {
      const lists = sources.map(
        (source) => batch.output(outputOf(source)) as readonly (readonly unknown[] | null)[],
      )
      const column: unknown[] = new Array(batch.rows)
      const excluded: ReadonlySet<string>[] = new Array(exclusions.length)
      for (let row = 0; row < batch.rows; row++) {
        const ofRow = rowLists(lists, row, batch)
        if (ofRow === null) {
          column[row] = null
          continue
        }
        const most = limit === undefined ? null : (batch.columns[limit][row] as number | null)
        for (let at = 0; at < exclusions.length; at++) {
          excluded[at] = textsOf(batch.columns[exclusions[at].feature][row])
        }
        const kept: unknown[] = []
        for (let place = 0; place < ofRow[0].length && kept.length < (most ?? Infinity); place++) {
          if (isExcluded(place, ofRow, exclusions, excluded)) continue
          const record: Record<string, unknown> = {}
          for (let at = 0; at < keys.length; at++) {
            const value = ofRow[at][place]
            record[keys[at]] = entities[at] === undefined ? value : stub(entities[at] as string, value)
          }
          kept.push(record)
        }
        column[row] = kept
      }
      return column
    },
  }
}

/** The row's lists, or null if one of them failed or their lengths differ. */
function rowLists(
  lists: readonly (readonly (readonly unknown[] | null)[])[],
  row: number,
  batch: OutputBatch,
): readonly (readonly unknown[])[] | null {
  const ofRow: (readonly unknown[])[] = []
  for (const list of lists) {
    const values = list[row]
    if (values === null) return null
    ofRow.push(values)
  }
  if (ofRow.every((values) => values.length === ofRow[0].length)) return ofRow
  batch.fail(
    row,
    'must be made from lists of equal length',
    ofRow.map((values) => values.length),
  )
  return null
}

/** A record's field, and the feature with the ids that exclude it. */
interface Exclusion {
  readonly field: number
  readonly feature: number
}

function isExcluded(
  place: number,
  ofRow: readonly (readonly unknown[])[],
  exclusions: readonly Exclusion[],
  excluded: readonly ReadonlySet<string>[],
): boolean {
  for (let at = 0; at < exclusions.length; at++) {
    if (excluded[at].size > 0 && excluded[at].has(textOf(ofRow[exclusions[at].field][place]))) return true
  }
  return false
}

const none: ReadonlySet<string> = new Set()

function textsOf(value: unknown): ReadonlySet<string> {
  if (value === null) return none
  if (!Array.isArray(value)) return new Set([String(value)])
  return value.length === 0
    ? none
    : new Set(value.every((one) => typeof one === 'string') ? value : value.map(String))
}

/** The text by which a value is compared; for a stub its id. */
function textOf(value: unknown): string {
  return typeof value === 'object' && value !== null ? (value as { id: string }).id : String(value)
}
