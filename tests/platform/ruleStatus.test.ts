import { createClientRequest } from '../../lib/request/clientRequest'
import { grantedRoles } from '../../lib/request/roles'
import { ruleQueries } from '../../platform/ruleQueries'
import type { PlatformServices } from '../../platform/services'
import { RuleNode } from '../../routing/node/ruleNode'
import { createMemoryStore } from '../../routing/store/memoryStore'
import type { RuleStore } from '../../routing/store/ruleStore'
import { publication } from '../contracts/ruleStore'

it('a node that follows the store but cannot report to it says why', async () => {
  const store = createMemoryStore()
  await store.create(publication(1))
  store.report = async () => {
    throw new Error('the rule store: is read-only')
  }
  const node = await RuleNode.start({ node: 'here', store, prepare: async () => [], activate() {} })
  const { state, why } = await statusOf(store, node)
  expect([state, why]).toEqual([
    'current',
    'cannot report to the store, so no activation waits for it: the rule store: is read-only',
  ])
  await node.dispose()
})

it('nodes that are behind or do not follow the store are stragglers', async () => {
  const store = createMemoryStore()
  await store.create(publication(1))
  const node = await RuleNode.start({ node: 'here', store, prepare: async () => [], activate() {} })
  const report = { inEffect: 1, epoch: 1, prepared: [1], problems: {} }
  await store.report({ ...report, node: 'behind', inEffect: 2 }, 60_000)
  await store.report({ ...report, node: 'stale', note: 'stale: the store was created again' }, 60_000)
  const { nodes } = await statusOf(store, node)
  expect(nodes.map(({ name, straggler }) => [name, straggler])).toEqual([
    ['behind', true],
    ['here', false],
    ['stale', true],
  ])
  await node.dispose()
})

function statusOf(store: RuleStore, node: RuleNode) {
  const serving = { rules: { current: () => ({ number: 1 }) } }
  const { ruleStatus } = ruleQueries(
    () => ({ serving, rules: { store, node } }) as unknown as PlatformServices,
  )
  const request = createClientRequest({ id: '1', deadline: 0, roles: grantedRoles(['viewer']) })
  return ruleStatus(null, {}, { request })
}
