import {
  type GraphQLObjectType,
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isEnumType,
  isLeafType,
  isListType,
  isObjectType,
} from 'graphql'
import { nearMiss } from '../../lib/files/nearMiss'
import type { OutputSpec } from '../../models/contracts/objective'
import type { ContractOutput } from '../../models/manifest/servesObjective'
import { scalarNames } from '../../models/types/parseType'
import type { ValueType } from '../../models/types/valueType'
import { checkOutputType } from '../checks/outputType'
import type { Contract } from '../fields/contract'
import { outputFields } from '../fields/outputFields'
import type { OutputShape } from '../fields/plan'
import type { Site } from '../fields/site'
import { keysOf } from '../sdl/subgraph'

/** How a field's value is made, and from which outputs. */
export interface ShapedOutput {
  readonly shape: OutputShape
  readonly outputs: readonly OutputSpec[]
}

/** Finds the outputs that fill the field, by the field's type; undefined after a problem that leaves no shape. */
export function shapeOutput(site: Site, contract: Contract): ShapedOutput | undefined {
  const type = getNullableType(site.field.type)
  const named = getNamedType(type)
  if (!isLeafType(named) && !isObjectType(named)) {
    return site.refuse(
      `must be a scalar, an enum, an object type or a list of one of them, got ${site.field.type}`,
    )
  }
  if (!isObjectType(named) || isEntity(site, contract, named)) return shapeValue(site, contract, type)
  return isListType(type) ? shapeRecords(site, contract, named) : shapeObject(site, contract, named)
}

/** By its key, or because an output says so: a missing key is reported when the output is checked. */
function isEntity(site: Site, contract: Contract, named: GraphQLObjectType): boolean {
  if (keysOf(site.subgraph, named).length > 0) return true
  return contract.outputs.some(({ type }) => {
    const item = type?.kind === 'list' ? type.of : type
    return item?.kind === 'entity' && item.of === named.name
  })
}

function shapeValue(site: Site, contract: Contract, type: GraphQLOutputType): ShapedOutput | undefined {
  const named = getNamedType(type)
  const output = chooseOutput(site, contract, ({ type: known }) => {
    if (known === undefined) return isLeafType(named)
    if (isListType(type)) return known.kind === 'list' && known.of.kind !== 'record'
    return isLeafType(named) || known.kind === 'entity'
  })
  if (output === undefined) return undefined
  return { shape: { kind: 'value', output: output.name }, outputs: [fill(site, contract, output, type)] }
}

function shapeRecords(site: Site, contract: Contract, named: GraphQLObjectType): ShapedOutput | undefined {
  const output = chooseOutput(
    site,
    contract,
    ({ type: known }) => known === undefined || (known.kind === 'list' && known.of.kind === 'record'),
  )
  if (output === undefined) return undefined
  const fields = outputFields(site, named).map((field) => field.name)
  return {
    shape: { kind: 'records', output: output.name, fields },
    outputs: [fill(site, contract, output, getNullableType(site.field.type))],
  }
}

function shapeObject(site: Site, contract: Contract, named: GraphQLObjectType): ShapedOutput {
  if (site.args.output != null) {
    site.refuse(
      `output must be left out, since the fields of ${named.name} are outputs by name, got "${site.args.output}"`,
    )
  }
  const known = contract.outputs.map((output) => output.name)
  const outputs: OutputSpec[] = []
  for (const field of outputFields(site, named)) {
    const output = contract.outputs.find((candidate) => candidate.name === field.name)
    if (output === undefined) {
      site.refuse(
        `${named.name}.${field.name} must be an output of ${contract.label}, got "${field.name}"${nearMiss(field.name, known)}`,
      )
    } else {
      outputs.push(fill(site, contract, output, field.type, `${named.name}.${field.name} `))
    }
  }
  return { shape: { kind: 'object', fields: outputs.map((output) => output.name) }, outputs }
}

/** The output that `output` names, else the only one of the kind that the field's type needs. */
function chooseOutput(
  site: Site,
  contract: Contract,
  ofKind: (output: ContractOutput) => boolean,
): ContractOutput | undefined {
  const { outputs, label } = contract
  const names = outputs.map((output) => output.name)
  const { output: wanted } = site.args
  if (wanted != null) {
    const found = outputs.find((output) => output.name === wanted)
    if (found === undefined)
      site.refuse(`output must be one of ${label}, got "${wanted}"${nearMiss(wanted, names)}`)
    return found
  }
  const candidates = outputs.filter(ofKind)
  if (candidates.length === 1) return candidates[0]
  if (outputs.length === 1) return outputs[0]
  if (candidates.length === 0) {
    site.refuse(`must be of the type of an output of ${label} (${names.join(', ')}), got ${site.field.type}`)
  } else {
    const entries = candidates.map((output) => `output: "${output.name}"`)
    site.refuse(`must say which output of ${label} it takes, got several; write ${entries.join(' or ')}`)
  }
  return undefined
}

/** Checks an output against the place that it fills. An output of unknown type takes the type of the place. */
function fill(
  site: Site,
  contract: Contract,
  output: ContractOutput,
  type: GraphQLOutputType,
  at = '',
): OutputSpec {
  const place = { output: `output "${output.name}" of ${contract.label}`, at }
  if (output.type !== undefined) {
    checkOutputType(site, place, output.type, type)
    return output
  }
  const taken = typeOfPlace(site, type)
  if (taken === undefined) site.refuse(`${at}must be of a type that ${place.output} can have, got ${type}`)
  else checkOutputType(site, place, taken, type)
  return { name: output.name, type: taken ?? { kind: 'record', fields: {} } }
}

/** The logical type of a place in the schema; undefined if no output fits, such as for a custom scalar. */
function typeOfPlace(site: Site, type: GraphQLOutputType, inRecord = false): ValueType | undefined {
  const inner = getNullableType(type)
  if (isListType(inner)) {
    const of = typeOfPlace(site, inner.ofType, inRecord)
    return of === undefined ? undefined : { kind: 'list', of }
  }
  if (isEnumType(inner)) return { kind: 'enum', labels: inner.getValues().map((value) => value.name) }
  if (isObjectType(inner)) {
    if (keysOf(site.subgraph, inner).length > 0) return { kind: 'entity', of: inner.name }
    return inRecord ? undefined : recordOfPlace(site, inner)
  }
  const kind = scalarNames.find((candidate) => candidate === inner.name)
  return kind === undefined ? undefined : { kind }
}

function recordOfPlace(site: Site, type: GraphQLObjectType): ValueType | undefined {
  const fields: Record<string, ValueType> = {}
  for (const field of outputFields(site, type)) {
    const of = typeOfPlace(site, field.type, true)
    if (of === undefined) return undefined
    fields[field.name] = of
  }
  return { kind: 'record', fields }
}
