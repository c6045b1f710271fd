import { isEnumType, isInterfaceType, isObjectType, isUnionType } from 'graphql'
import { show } from '../../lib/errors'
import { nearMiss } from '../../lib/files/nearMiss'
import { shortPath } from '../../lib/packagePaths'
import type { Plan } from '../fields/plan'
import type { Subgraph } from '../sdl/subgraph'

/** Mismatches between a team's resolvers and its schema, which would otherwise show as silent nulls. */
export interface ResolverCheck {
  /** Resolvers of a type or field that the schema lacks, and what is no resolver. */
  readonly problems: readonly string[]
  /** Fields of the query and mutation types without a resolver: allowed, and null when this process answers them. */
  readonly report: readonly string[]
}

/**
 * Compares a team's resolvers with its schema and the predictions of the plan. `placeOf` tells where a resolver of that
 * name stands; by default, only the schema's file is known.
 */
export function checkResolvers(
  { name: subgraph, file, schema }: Subgraph,
  resolvers: Readonly<Record<string, object>>,
  plan: Plan,
  placeOf: (name: string) => string = () => shortPath(file),
): ResolverCheck {
  const problems: string[] = []
  const refuse = (name: string, what: string, problem: string) => {
    problems.push(`${placeOf(name)}: ${what}: ${problem}`)
  }
  for (const [typeName, fields] of Object.entries(resolvers)) {
    const type = schema.getType(typeName)
    if (type === undefined || typeName.startsWith('_')) {
      const names = Object.keys(schema.getTypeMap()).filter((name) => !name.startsWith('_'))
      refuse(
        typeName,
        `resolvers of ${typeName}`,
        `must be of a type of the schema, got none${nearMiss(typeName, names)}`,
      )
      continue
    }
    const known =
      isObjectType(type) || isInterfaceType(type)
        ? Object.keys(type.getFields())
        : isEnumType(type)
          ? type.getValues().map((value) => value.name)
          : isUnionType(type)
            ? []
            : undefined
    if (known === undefined) continue
    for (const [name, resolver] of Object.entries(fields)) {
      if (markers.includes(name) || known.includes(name)) {
        if (isEnumType(type) || isResolver(resolver)) continue
        const what = `resolver of ${typeName}.${name}`
        refuse(name, what, `must be a function or a map with the function resolve, got ${show(resolver)}`)
        continue
      }
      refuse(
        name,
        `resolver of ${typeName}.${name}`,
        `must be of a field of the schema, got none${nearMiss(name, name.startsWith('__') ? markers : known)}`,
      )
    }
  }

  const predicted = new Set(plan.fields.filter((field) => field.subgraph === subgraph).map(fieldKey))
  const unresolved = [schema.getQueryType(), schema.getMutationType()].flatMap((root) => {
    if (!root) return []
    return Object.keys(root.getFields())
      .filter((name) => !name.startsWith('_') && !predicted.has(fieldKey({ type: root.name, field: name })))
      .filter((name) => !Object.hasOwn(resolvers, root.name) || !Object.hasOwn(resolvers[root.name], name))
      .map((name) => `${root.name}.${name}`)
  })
  const report = unresolved.map(
    (field) => `${field} of ${subgraph} has neither a resolver nor @predict and is always null`,
  )
  if (unresolved.length === 0 || Object.keys(resolvers).length > 0) return { problems, report }
  // It is probably served by a server of its own, so one line says it of all fields.
  const elsewhere = `${subgraph} has no resolvers here, so a server of its own must answer ${unresolved.join(', ')}`
  return { problems, report: [elsewhere] }
}

/** What the library takes of a type beside its fields. */
const markers = ['__resolveReference', '__resolveType', '__isTypeOf']

/** A field of the subscription type may have `subscribe` alone. */
function isResolver(value: unknown): boolean {
  if (typeof value === 'function') return true
  const { resolve, subscribe } = (value ?? {}) as { readonly resolve?: unknown; readonly subscribe?: unknown }
  return typeof resolve === 'function' || typeof subscribe === 'function'
}

function fieldKey({ type, field }: { type: string; field: string }): string {
  return `${type}.${field}`
}
