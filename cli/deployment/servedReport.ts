import { counted } from '../../lib/errors'
import type { VersionStatus } from '../../serving/repository/modelRegistry'
import type { Config } from '../config/config'
import type { MembersConfig } from '../config/shards/membersConfig'
import type { RunningRules } from '../rules/runningRules'
import type { Fact } from '../terminal/readyBlock'

/** Where clients, people and operators find a process, at URLs without a path. An IDE that may not ask is left out. */
export function servedPlaces(
  { server, trustedDocuments }: Pick<Config, 'server'> & Partial<Pick<Config, 'trustedDocuments'>>,
  url: string,
  adminUrl: string | undefined = url,
): readonly Fact[] {
  return [
    ['GraphQL', `${url}/graphql`],
    ...(server.ide && !trustedDocuments?.only ? [['Browser', `${url}/`] as const] : []),
    ['Metrics', `${adminUrl}/metrics (health: /health/ready)`],
  ]
}

export function modelsFact(versions: readonly VersionStatus[]): Fact {
  const ready = versions.flatMap(({ state }) => (state.is === 'ready' ? [state.model] : []))
  const objectives = new Set(ready.flatMap(({ manifest }) => manifest.serves))
  return [
    'Models',
    `${ready.length} of ${counted(versions.length, 'version')} ready, for ${counted(objectives.size, 'objective')}`,
  ]
}

export function rulesFact({ node }: RunningRules): Fact {
  const { inEffect, state } = node.status()
  const which =
    inEffect === undefined
      ? 'no version is in effect'
      : `version ${inEffect.number} (${inEffect.sha256.slice(0, 12)}), epoch ${inEffect.epoch}`
  const how =
    state.kind === 'current' ? '' : `, ${'why' in state ? `${state.kind}: ${state.why}` : state.kind}`
  return ['Rules', `${which}${how}`]
}

export function workersFact({ shards }: Pick<Config, 'shards'>): Fact {
  const each = Object.entries(shards).map(([name, { kind, workers, inline, members }]) => {
    if (members !== undefined) return `${name}: ${serversOf(members)}`
    const most = kind === 'thread' && inline === 'auto' ? 'up to ' : ''
    const unit = kind === 'thread' ? 'thread' : 'process'
    return `${name}: ${most}${workers} ${workers === 1 ? unit : kind === 'thread' ? 'threads' : 'processes'}`
  })
  return ['Workers', each.join('; ')]
}

function serversOf(members: MembersConfig): string {
  switch (members.by) {
    case 'endpoints':
      return `${counted(members.addresses.length, 'server')} elsewhere`
    case 'dns':
      return `the servers of ${members.name}`
    case 'kubernetes':
      return `the endpoints of service ${members.service}`
    case 'redis':
      return 'the servers that register themselves in Redis'
  }
}

/** The progress of the versions that a process loads at its start. */
export function loadingText(versions: readonly VersionStatus[]): string {
  const loading = versions.filter((version) => version.state.is === 'loading').length
  return `loading models: ${versions.length - loading} of ${versions.length}`
}

/** What a process tells its log once it has loaded its versions. */
export function readyText(versions: readonly VersionStatus[]): string {
  const ready = versions.filter((version) => version.state.is === 'ready').length
  const all = counted(versions.length, 'model version')
  return `${ready} of ${all} ${versions.length === 1 ? 'is' : 'are'} ready`
}
