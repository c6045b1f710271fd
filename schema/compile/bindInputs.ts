import type { InputSpec } from '../../models/contracts/objective'
import { printType } from '../../models/types/parseType'
import { checkInputNull } from '../checks/inputNull'
import { checkInputType } from '../checks/inputType'
import { checkRequiredSources } from '../checks/requiredSources'
import type { Contract } from '../fields/contract'
import type { PredictionField } from '../fields/plan'
import type { Site } from '../fields/site'
import { findSource, type Source } from '../fields/source'
import { type MappedSource, readInputMapping } from './inputMapping'
import { sourcesByName, whatToWrite } from './sourcesByName'

/**
 * Decides the source of each input: as `inputs` says, else the only source of the same name, else its default or
 * nothing. With several contracts, the first one's inputs come first, followed by those that only later contracts have.
 * Problems are reported to the site.
 */
export function bindInputs(site: Site, contracts: readonly Contract[]): PredictionField['inputs'] {
  const mapping = readInputMapping(site, contracts)
  const bound = new Map<string, PredictionField['inputs'][number]>()
  const sources: Source[] = []
  for (const contract of contracts) {
    for (const spec of contract.inputs) {
      const source = chooseSource(site, contract, spec, mapping.get(spec.name))
      if (typeof source !== 'string') {
        if (checkInputType(site, contract.label, spec, source))
          checkInputNull(site, contract.label, spec, source)
        sources.push(source)
      }
      const binding = typeof source === 'string' ? { from: source } : source.binding
      if (!bound.has(spec.name)) bound.set(spec.name, { spec, binding })
    }
  }
  checkRequiredSources(site, sources)
  return [...bound.values()]
}

/** After a problem the input is `absent`; the plan is discarded then. */
function chooseSource(
  site: Site,
  contract: Contract,
  spec: InputSpec,
  mapped: MappedSource | 'refused' | undefined,
): Source | 'default' | 'absent' {
  if (mapped === undefined) return sourceOfItsName(site, contract, spec)
  if (mapped === 'refused') return 'absent'
  const source = findSource(site, mapped.from, mapped.path)
  if (typeof source !== 'string') return source
  site.refuse(source)
  return 'absent'
}

function sourceOfItsName(site: Site, contract: Contract, spec: InputSpec): Source | 'default' | 'absent' {
  const candidates = sourcesByName(site, spec.name)
  if (candidates.length === 1) return candidates[0]
  if (candidates.length > 1) {
    const texts = candidates.map((source) => source.text)
    const entries = texts.map((text) => `"${spec.name}: ${text}"`)
    site.refuse(
      `input "${spec.name}" of ${contract.label} must have one source, got ${texts.join(' and ')}; write one into inputs: ${entries.join(' or ')}`,
    )
    return 'absent'
  }
  if (spec.default !== undefined) return 'default'
  if (!spec.nullable) {
    site.refuse(
      `input "${spec.name}" of ${contract.label} (${printType(spec.type)}, required) must come from an argument, a parent field or a context key, got none of that name${whatToWrite(site, spec)}`,
    )
  }
  return 'absent'
}
