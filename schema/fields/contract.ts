import { nearMiss } from '../../lib/files/nearMiss'
import { addTo } from '../../lib/groups'
import type { InputSpec } from '../../models/contracts/objective'
import type { ContractOutput } from '../../models/manifest/servesObjective'
import type { PredictionField } from './plan'
import type { Site } from './site'

/** What a field is compiled against: an objective, or one version of a pinned model. */
export interface Contract {
  /** The objective's name or `model@version`, for messages. */
  readonly label: string
  readonly inputs: readonly InputSpec[]
  readonly outputs: readonly ContractOutput[]
}

export interface Target {
  readonly target: PredictionField['target']
  /** The objective's unit. */
  readonly unit?: string
  /** One; for a model without version, those of all versions, newest first: each may be the one that answers. */
  readonly contracts: readonly [Contract, ...Contract[]]
}

/** Finds the objective or model that the directive names; undefined after a problem. */
export function findTarget(site: Site): Target | undefined {
  const { objective, model } = site.args
  if (objective != null && model != null) return site.refuse('must name one of objective and model, got both')
  if (objective != null) return findObjective(site, objective)
  if (model != null) return findModel(site, model)
  return site.refuse('must name one of objective and model, got neither')
}

function findObjective(site: Site, name: string): Target | undefined {
  const objective = site.catalog.objectives.get(name)
  if (objective === undefined) {
    return site.refuse(
      `objective must be a known one, got "${name}"${nearMiss(name, site.catalog.objectives.keys())}`,
    )
  }
  const { inputs, outputs, unit } = objective
  const target = { kind: 'objective', objective: name } as const
  return { target, unit, contracts: [{ label: name, inputs, outputs }] }
}

function findModel(site: Site, text: string): Target | undefined {
  const at = text.indexOf('@')
  const name = at < 0 ? text : text.slice(0, at)
  const version = at < 0 ? undefined : text.slice(at + 1)
  const versions = versionsByModel(site).get(name)
  if (versions === undefined) {
    return site.refuse(
      `model must be a known one, got "${text}"${nearMiss(name, versionsByModel(site).keys())}`,
    )
  }
  const wanted = version === undefined ? versions : versions.filter((other) => other === version)
  const contracts = wanted.map((one): Contract => {
    const { features, outputs } = site.catalog.models.get(`${name}@${one}`)!
    return { label: `${name}@${one}`, inputs: features, outputs }
  })
  if (contracts.length === 0) {
    return site.refuse(`model must be a known version, got "${text}"; known: ${versions.join(', ')}`)
  }
  const target = { kind: 'model', model: name, ...(version === undefined ? {} : { version }) } as const
  return { target, contracts: contracts as [Contract, ...Contract[]] }
}

/** The versions of each model, newest first. */
function versionsByModel(site: Site): Map<string, string[]> {
  const versions = new Map<string, string[]>()
  for (const key of site.catalog.models.keys()) {
    const at = key.indexOf('@')
    addTo(versions, key.slice(0, at), key.slice(at + 1))
  }
  for (const list of versions.values()) list.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  return versions
}
