import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { addressOf } from '../../lib/addresses/addressOf'
import type { Clock } from '../../lib/clock'
import { LoadError } from '../../lib/errors'
import type { MemberSource } from '../../workers/members/memberSource'
import { staticMembers } from '../../workers/members/staticMembers'
import type { MembersConfig } from '../config/shards/membersConfig'

/** Opens what tells where a shard's servers are. It may be away. Throws a LoadError if there is no Kubernetes here. */
export function openMembers(
  members: MembersConfig,
  shard: string,
  { clock, log }: { readonly clock: Clock; readonly log: (line: string) => void },
): MemberSource {
  const tools = { clock, log: (line: string) => log(`shard ${shard}: ${line}`) }
  // Each is loaded lazily, since most deployments need none.
  switch (members.by) {
    case 'endpoints':
      return staticMembers(members.addresses)
    case 'dns': {
      const { DnsMembers }: typeof import('../../workers/members/dnsMembers') =
        require('../../workers/members/dnsMembers')
      return new DnsMembers({ ...members, pollMs: members.poll, ...tools })
    }
    case 'kubernetes': {
      const { KubernetesMembers }: typeof import('../../workers/members/kubernetesMembers') =
        require('../../workers/members/kubernetesMembers')
      const { service, port } = members
      return new KubernetesMembers({
        service,
        port,
        ...cluster(members, `shards.${shard}.kubernetes`),
        ...tools,
      })
    }
    case 'redis': {
      const { RedisMembers }: typeof import('../../workers/members/redisMembers') =
        require('../../workers/members/redisMembers')
      const { url, name } = members
      return new RedisMembers({ url, name, shard, ...tools })
    }
  }
}

/** Where Kubernetes puts the account of a pod. */
const accountFolder = '/var/run/secrets/kubernetes.io/serviceaccount'

function cluster(
  { api, namespace }: Extract<MembersConfig, { by: 'kubernetes' }>,
  path: string,
): { readonly url: string; readonly account: string | undefined; readonly namespace: string } {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port = '443' } = process.env
  if (api === undefined && host === undefined)
    throw new LoadError([
      `${path}: must be used in a pod, which KUBERNETES_SERVICE_HOST tells, or with api, such as that of kubectl proxy`,
    ])
  return {
    url: api ?? `https://${addressOf(host!, port)}`,
    account: api === undefined ? accountFolder : undefined,
    namespace: namespace ?? ownNamespace(path),
  }
}

function ownNamespace(path: string): string {
  try {
    return readFileSync(join(accountFolder, 'namespace'), 'utf8').trim()
  } catch {
    throw new LoadError([`${path}.namespace: must be given outside of a pod`])
  }
}
