import { show } from '../../lib/errors'
import { notAKey } from '../../lib/files/shapeProblems'
import { isMap } from '../../lib/isMap'
import type { ValueType } from './valueType'

export const scalarNames = ['Int', 'Float', 'Boolean', 'String', 'ID'] as const

/** The allowed values of `type:`. */
export const typeNames = [
  ...scalarNames,
  ...scalarNames.map((name) => `[${name}!]` as const),
  'enum',
  'entity',
  'list',
] as const

/** `{ type: Int }`, `{ type: enum, labels: [...] }`, `{ type: entity, of: Title }` or `{ type: list, of: ... }`. */
export interface TypeSource {
  readonly type?: unknown
  readonly labels?: unknown
  readonly of?: unknown
}

/** Receives each problem: its path below the type, and a complete message. */
export type ReportProblem = (path: readonly string[], message: string) => undefined

/** Parses a type of the YAML files, a map or just a name. Problems go to `report`; it is then undefined. */
export function parseType(source: unknown, report: ReportProblem): ValueType | undefined {
  if (typeof source === 'string')
    return parseType({ type: source }, (path, message) => report(path.slice(1), message))
  if (!isMap(source)) return report([], `must be a type, got ${show(source)}`)
  const { type, labels, of }: TypeSource = source
  if (labels !== undefined && type !== 'enum')
    report(['labels'], `are allowed only with type enum, got type ${show(type)}`)
  if (of !== undefined && type !== 'entity' && type !== 'list') {
    report(['of'], `is allowed only with type entity or list, got type ${show(type)}`)
  }
  if (type === 'enum') return parseEnum(labels, report)
  if (type === 'entity') return parseEntity(of, report)
  if (type === 'list') return parseList(of, report)
  const scalar = scalarNames.find((name) => type === name || type === `[${name}!]`)
  if (scalar === undefined) return report(['type'], `must be ${typeNames.join(', ')}, got ${show(type)}`)
  return type === scalar ? { kind: scalar } : { kind: 'list', of: { kind: scalar } }
}

/** Writes a type as GraphQL-like text: `[ID!]`, `APPROVE | REVIEW`, `Title`, `[{ title: Title, score: Float }]`. */
export function printType(type: ValueType): string {
  switch (type.kind) {
    case 'enum':
      return type.labels.join(' | ')
    case 'entity':
      return type.of
    case 'record':
      return `{ ${Object.entries(type.fields)
        .map(([name, field]) => `${name}: ${printType(field)}`)
        .join(', ')} }`
    case 'list': {
      const item = printType(type.of)
      if (type.of.kind === 'record') return `[${item}]`
      return type.of.kind === 'enum' ? `[(${item})!]` : `[${item}!]`
    }
    default:
      return type.kind
  }
}

/** Those of a type inside a list. */
const itemKeys = ['type', 'labels', 'of', 'description', 'measure']

const nameForm = /^[A-Za-z_][A-Za-z0-9_]*$/

function parseEnum(labels: unknown, report: ReportProblem): ValueType | undefined {
  if (!Array.isArray(labels) || labels.length === 0 || !labels.every((label) => isName(label))) {
    return report(['labels'], `must be a list of names, got ${show(labels)}`)
  }
  if (new Set(labels).size < labels.length) return report(['labels'], `must differ, got ${show(labels)}`)
  return { kind: 'enum', labels: [...labels] }
}

function parseEntity(of: unknown, report: ReportProblem): ValueType | undefined {
  if (!isName(of)) return report(['of'], `must be the name of an entity type, got ${show(of)}`)
  return { kind: 'entity', of }
}

/** `of` is a type (then it holds `type` as text), or a map from the names of a record's fields to their types. */
function parseList(of: unknown, report: ReportProblem): ValueType | undefined {
  const below: ReportProblem = (path, message) => report(['of', ...path], message)
  if (typeof of === 'string' || (isMap(of) && typeof of.type === 'string' && !isScalarField(of))) {
    const item = parseItem(of, below)
    return item && { kind: 'list', of: item }
  }
  if (!isMap(of) || Object.keys(of).length === 0) {
    return report(['of'], `must be a map from names to types, got ${show(of)}`)
  }
  const fields: Record<string, ValueType> = {}
  let complete = true
  for (const [name, source] of Object.entries(of)) {
    const inField: ReportProblem = (path, message) => below([name, ...path], message)
    if (!isName(name)) inField([], 'must be a name of letters, digits and _')
    const field = parseItem(source, inField)
    if (field === undefined) complete = false
    else fields[name] = field
  }
  return complete ? { kind: 'list', of: { kind: 'record', fields } } : undefined
}

/** A type inside a list: anything but a list, since outputs nest no deeper. */
function parseItem(source: unknown, report: ReportProblem): ValueType | undefined {
  if (isMap(source)) {
    for (const key of Object.keys(source)) if (!itemKeys.includes(key)) report([key], notAKey(itemKeys))
  }
  const item = parseType(source, report)
  if (item?.kind !== 'list') return item
  return report([], 'must not be a list inside a list')
}

/** `{ type: Int, count: Int }` is a record with a field named `type`; `{ type: enum, labels: [...] }` is a type. */
function isScalarField(of: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(of).some((key) => !itemKeys.includes(key))
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && nameForm.test(value)
}
