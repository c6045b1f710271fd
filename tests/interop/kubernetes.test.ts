import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../lib/clock'
import type { EndpointSlice } from '../../workers/members/endpointSlices'
import { KubernetesMembers } from '../../workers/members/kubernetesMembers'
import { KubernetesServer } from '../support/kubernetesServer'
import { until } from '../support/until'

/** As for controller-runtime's envtest: a folder with `etcd` and `kube-apiserver`. */
const assets = process.env['KUBEBUILDER_ASSETS']

if (assets === undefined || !existsSync(join(assets, 'kube-apiserver'))) {
  const reason = 'KUBEBUILDER_ASSETS names no folder with etcd and kube-apiserver'
  console.warn(`skipped: ${reason}`)
  it.skip(`skipped: ${reason}`, () => {})
} else {
  describe('members of a service, told by a real API server', () => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-kubernetes-'))
    const lines: string[] = []
    let server: KubernetesServer
    let members: KubernetesMembers

    beforeAll(async () => {
      server = await KubernetesServer.start(assets, folder)
      for (let number = 0; number < 10; number++) await server.put(sliceOf(number))
      members = new KubernetesMembers({
        url: server.proxyUrl,
        account: server.account,
        namespace: 'default',
        service: 'ratings',
        port: 'http',
        clock: systemClock,
        log: (line) => lines.push(line),
      })
      await members.tried
    }, 120_000)
    afterAll(async () => {
      await members?.close()
      await server?.stop()
      rmSync(folder, { recursive: true, force: true })
    })

    const has = (address: string) => members.addresses.includes(address)

    it('knows 1,000 endpoints with no more rights than to list and watch', async () => {
      await until(() => members.addresses.length === 1_000)
      expect(members.addresses).toContain('10.1.9.99:8000')
      expect(lines).toEqual([])
    })

    it('learns without another list who terminates, who serves no more, and who comes', async () => {
      const { list } = await server.requests()
      const { endpoints, ...rest } = sliceOf(3)
      const [one, two, ...others] = endpoints
      await server.put({
        ...rest,
        endpoints: [
          { ...one, conditions: { ready: false, serving: true, terminating: true } },
          { ...two, conditions: { ready: false, serving: false, terminating: false } },
          ...others,
        ],
      })
      await until(() => members.addresses.length === 998)
      expect([has('10.1.3.0:8000'), has('10.1.3.1:8000'), has('10.1.3.2:8000')]).toEqual([false, false, true])
      await server.put(sliceOf(10))
      await until(() => members.addresses.length === 1_098)
      await server.remove('ratings-10')
      await until(() => members.addresses.length === 998)
      expect((await server.requests()).list).toBe(list)
    })

    it('resumes a broken watch, and learns what happened meanwhile without another list', async () => {
      const before = await server.requests()
      server.cut()
      await server.remove('ratings-9')
      server.heal()
      await until(() => members.addresses.length === 898)
      const after = await server.requests()
      expect(after.list).toBe(before.list)
      expect(after.watch).toBeGreaterThan(before.watch)
    })

    it('keeps those that it knew last while the server is away, and lists again when it has forgotten', async () => {
      await server.put(sliceOf(9))
      await until(() => members.addresses.length === 998)
      server.cut()
      await server.remove('ratings-8')
      await server.restartWithoutHistory()
      await until(() => members.problem !== undefined)
      expect(members.addresses).toHaveLength(998)
      const before = await server.requests()
      server.heal()
      await until(() => members.addresses.length === 898)
      expect(members.problem).toBeUndefined()
      expect((await server.requests()).list).toBe(before.list + 1)
      expect(lines.at(-1)).toBe('the list of its servers is up to date again')
    }, 120_000)
  })
}

function sliceOf(number: number) {
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: `ratings-${number}`, labels: { 'kubernetes.io/service-name': 'ratings' } },
    addressType: 'IPv4',
    endpoints: Array.from({ length: 100 }, (_, at) => ({
      addresses: [`10.1.${number}.${at}`],
      conditions: { ready: true, serving: true, terminating: false },
    })) satisfies EndpointSlice['endpoints'],
    ports: [{ name: 'http', port: 8000, protocol: 'TCP' }],
  }
}
