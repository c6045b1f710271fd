import { isInputObjectType, isNonNullType, isRequiredArgument } from 'graphql'
import { nearestName } from '../../lib/files/nearMiss'
import type { InputSpec } from '../../models/contracts/objective'
import { inputFits } from '../checks/inputType'
import { externalLine, fieldOwner } from '../fields/fieldOwner'
import type { Site } from '../fields/site'
import { findSource, type Source } from '../fields/source'
import { isExternal, isPrediction } from '../sdl/subgraph'

/** Every argument, field of an argument, parent field and context key of that name that can be a source. */
export function sourcesByName(site: Site, name: string): Source[] {
  return allSources(site).filter((source) => nameOf(source) === name)
}

/** The end of a message about an input without a source: what to write, if that can be guessed. */
export function whatToWrite(site: Site, spec: InputSpec): string {
  const unusable = whyParentFieldIsNone(site, spec.name)
  if (unusable !== undefined) return `; ${unusable}`
  const likely = likelySources(site, spec).map((source) => `"${spec.name}: ${source.text}"`)
  return likely.length === 0 ? '' : `; write its source into inputs, such as ${likely.join(' or ')}`
}

/** All sources by name: arguments and the fields of input objects among them, parent fields, context keys. */
function allSources(site: Site): Source[] {
  const args = site.field.args.flatMap((argument) => {
    const type = isNonNullType(argument.type) ? argument.type.ofType : argument.type
    const inside = isInputObjectType(type) ? Object.keys(type.getFields()) : []
    return [[argument.name], ...inside.map((field) => [argument.name, field])]
  })
  const isRoot = site.type === site.subgraph.schema.getQueryType()
  const parent = isRoot ? [] : Object.keys(site.type.getFields())
  return [
    ...args.map((path) => findSource(site, 'args', path)),
    ...parent.map((field) => findSource(site, 'parent', [field])),
    ...[...site.catalog.contextKeys.keys()].map((key) => findSource(site, 'context', [key])),
  ].filter((source) => typeof source !== 'string')
}

function nameOf(source: Source): string {
  return source.text.slice(source.text.lastIndexOf('.') + 1)
}

/** The sources that fit and whose names resemble the input's; else up to three arguments or parent fields that fit. */
function likelySources(site: Site, spec: InputSpec): Source[] {
  const fitting = allSources(site).filter(
    (source) => inputFits(source, spec.type) && (typeof source.type === 'string' || !source.type.nullable),
  )
  const near = nearestName(spec.name, fitting.map(nameOf))
  if (near !== undefined) return fitting.filter((source) => nameOf(source) === near)
  return fitting.filter((source) => source.binding.from !== 'context').slice(0, 3)
}

/** Why a parent field of that name is no source; undefined if there is no reason to give. */
function whyParentFieldIsNone(site: Site, name: string): string | undefined {
  const { type, subgraph } = site
  if (type === subgraph.schema.getQueryType()) return undefined
  const field = type.getFields()[name]
  if (field === undefined) {
    const owner = fieldOwner(site, type.name, name)
    if (owner === undefined) return undefined
    const line = externalLine(site, type.name, owner.field)
    return `${owner.subgraph.name} has ${type.name}.${name}: write ${line}, and @${subgraph.federation.directive('requires')}(fields: "${name}") here`
  }
  if (isPrediction(field) && !isExternal(subgraph, type, field)) {
    return `${type.name}.${name} is predicted itself and cannot be a source`
  }
  const needed = field.args.find(isRequiredArgument)
  return needed === undefined
    ? undefined
    : `${type.name}.${name} requires "${needed.name}" and cannot be a source`
}
