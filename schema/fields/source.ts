import {
  type GraphQLField,
  type GraphQLNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  print,
} from 'graphql'
import { nearMiss } from '../../lib/files/nearMiss'
import { nested, type Step } from '../sdl/fieldSet'
import { isExternal, isKeyField, isPrediction } from '../sdl/subgraph'
import { externalLine, fieldOwner } from './fieldOwner'
import type { InputBinding } from './plan'
import type { Site } from './site'
import { type SourceType, stepInto } from './sourceType'

/** A possible source of an input's value, resolved against the schema. */
export interface Source {
  /** In the form of an `inputs` entry, such as `parent.cast.person.id`. */
  readonly text: string
  readonly binding: InputBinding
  /** A context key has one of the plain types, and may be absent from a request. */
  readonly type: SourceType | 'string' | 'number' | 'boolean'
  /** What to write in the schema so that the source is never null, if that can be said. */
  readonly nonNull?: string
  /** For a parent source, the fields of its path. */
  readonly steps?: readonly Step[]
}

/** Resolves a path such as `args` + `payment.income`. Returns a text if it is not a source: the reason. */
export function findSource(site: Site, from: string, path: readonly string[]): Source | string {
  if (from === 'args') return argumentSource(site, path)
  return from === 'parent' ? parentSource(site, path) : contextSource(site, path)
}

function argumentSource(site: Site, path: readonly string[]): Source | string {
  const text = `args.${path.join('.')}`
  const argument = site.field.args.find((candidate) => candidate.name === path[0])
  if (argument === undefined) {
    const known = site.field.args.map((candidate) => candidate.name)
    return `${text} must start with an argument of the field, got "${path[0]}"${nearMiss(path[0], known)}`
  }
  let type = stepInto(argument.type)
  for (const name of path.slice(1)) {
    const fields = isInputObjectType(type.named) ? type.named.getFields() : noFields
    if (fields[name] === undefined) return noSuchField(text, type, name, Object.keys(fields))
    type = stepInto(fields[name].type, type)
  }
  const { astNode } = argument
  const nonNull =
    path.length === 1 && astNode?.defaultValue
      ? `"${argument.name}: ${argument.type}! = ${print(astNode.defaultValue)}", since a client may send null`
      : undefined
  return { text, binding: { from: 'args', path }, type, nonNull }
}

function parentSource(site: Site, path: readonly string[]): Source | string {
  const text = `parent.${path.join('.')}`
  if (site.type === site.subgraph.schema.getQueryType()) {
    return `${text} must be args or context, since the fields of ${site.type.name} have no parent`
  }
  const { subgraph } = site
  const steps: Step[] = []
  let external = false
  let type: SourceType | undefined
  for (const name of path) {
    const owner = type?.named ?? site.type
    const fields = isObjectType(owner) || isInterfaceType(owner) ? owner.getFields() : noFields
    const field: GraphQLField<unknown, unknown> | undefined = fields[name]
    if (field === undefined) {
      const other = fieldOwner(site, owner.name, name)
      if (other === undefined)
        return noSuchField(text, type ?? stepInto(site.type), name, Object.keys(fields))
      const line = externalLine(site, owner.name, other.field)
      return `${text} must be a field that this subgraph declares, got one that only ${other.subgraph.name} has; write ${line}, and name "${nested(path)}" in @requires`
    }
    const foreign = isExternal(subgraph, owner, field) && !isKeyField(subgraph, owner, name)
    if (type === undefined) external = foreign
    const problem = external ? undefined : whyNotRead(owner, field, foreign)
    if (problem !== undefined) return `${text} ${problem}`
    steps.push({ type: owner.name, field: name })
    type = stepInto(field.type, type)
  }
  return { text, binding: { from: 'parent', path, external }, type: type!, steps }
}

/** Why a field cannot be part of a source: sources are read through resolvers, without arguments. */
function whyNotRead(
  owner: GraphQLNamedType,
  field: GraphQLField<unknown, unknown>,
  foreign: boolean,
): string | undefined {
  const coordinate = `${owner.name}.${field.name}`
  if (isPrediction(field))
    return `must lead through no prediction, got ${coordinate}, which is predicted itself`
  if (isInterfaceType(owner)) return `must lead through object types, got ${coordinate} of an interface`
  if (foreign) {
    return `must lead through fields that this subgraph answers, got ${coordinate}, which another one owns, within a field of its own`
  }
  const needed = field.args.find(isRequiredArgument)
  if (needed === undefined) return undefined
  return `must be read without arguments, got ${coordinate}, which requires "${needed.name}"`
}

function contextSource(site: Site, path: readonly string[]): Source | string {
  const key = path.join('.')
  const type = site.catalog.contextKeys.get(key)
  if (type === undefined) {
    return `context.${key} must be a declared context key, got "${key}"${nearMiss(key, site.catalog.contextKeys.keys())}`
  }
  return { text: `context.${key}`, binding: { from: 'context', key }, type }
}

function noSuchField(text: string, before: SourceType, name: string, known: readonly string[]): string {
  return `${text} must continue with a field of ${before.named.name}, got "${name}"${nearMiss(name, known)}`
}

/** For types without fields. Has no prototype, so that inherited names are not found. */
const noFields: Record<string, never> = Object.freeze(Object.create(null))
