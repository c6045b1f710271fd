import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse } from 'yaml'
import { compiledPath } from '../../lib/packagePaths'
import { envoyBinary } from '../support/envoyBinary'
import { EnvoyServer } from '../support/envoyServer'
import { chart, contains, hasHelm, type Manifest, portsOf, template } from '../support/helm'
import { type NodeProcess, startNode } from '../support/nodeProcess'
import { findPython } from '../support/pythonVenv'
import { until } from '../support/until'

/** The chart's Envoy: what helm renders, and that the real command and the real Envoy take it. */

const least = { image: { repository: 'registry.example/shop', tag: '1' }, shards: { main: {} } }
const on = { ...least, envoy: { enabled: true } }

if (!hasHelm()) {
  const reason = 'there is no helm in PATH'
  console.warn(`skipped: ${reason}`)
  it.skip(`skipped: ${reason}`, () => {})
} else {
  const manifests = template(on)
  const of = (kind: string, name = 'shop-presage-envoy') => find(manifests, kind, name)
  const pod = of('Deployment').spec.template
  const [sync] = pod.spec.initContainers
  const [envoy] = pod.spec.containers
  const bootstrap: string = of('ConfigMap', 'shop-presage').data['envoy.yaml']
  const [, , , out] = sync.args

  it('is not there by default, and changes no other pod when it is', () => {
    const without = template(least)
    expect(JSON.stringify(without)).not.toMatch(/envoy/i)
    const nameOf = ({ kind, metadata }: Manifest) => `${kind} ${metadata.name}`
    const names = without.map(nameOf)
    expect(
      manifests
        .map(nameOf)
        .filter((name) => !names.includes(name))
        .sort(),
    ).toEqual(
      ['Deployment', 'NetworkPolicy', 'PodDisruptionBudget', 'Service'].map(
        (kind) => `${kind} shop-presage-envoy`,
      ),
    )
    const deployments = ({ kind, metadata }: Manifest) =>
      kind === 'Deployment' && !metadata.name.endsWith('-envoy')
    expect(manifests.filter(deployments)).toEqual(without.filter(deployments))
  })

  it('starts with the file of the chart, and reads where the sidecar writes', () => {
    expect(bootstrap).toBe(readFileSync(join(chart, 'envoy.yaml'), 'utf8'))
    const start = mountAt(envoy, envoy.args[envoy.args.indexOf('-c') + 1])
    expect(start).toEqual({
      volume: { name: 'config', configMap: { name: 'shop-presage' } },
      path: 'envoy.yaml',
    })
    const paths = [...bootstrap.matchAll(/path: (\/[^ }]+\.json)/g)].map(([, path]) => path)
    expect(paths.map(dirname)).toEqual([out, out])
    for (const path of [...paths, sync.startupProbe.exec.command.at(-1)]) {
      const place = mountAt(envoy, path)
      expect(place.volume).toEqual({ name: 'envoy', emptyDir: {} })
      expect(mountAt(sync, path)).toEqual(place)
    }
  })

  it('starts after the sidecar has begun, which stays beside it', () => {
    expect(sync.restartPolicy).toBe('Always')
    expect(sync.startupProbe.exec.command).toEqual(['test', '-f', `${out}/rds.json`])
    expect(sync.image).toBe(
      find(manifests, 'Deployment', 'shop-presage-gateway').spec.template.spec.containers[0].image,
    )
  })

  it('may list and watch the servers of shards', () => {
    const { roleRef, subjects } = of('RoleBinding', 'shop-presage-gateway')
    expect(subjects).toMatchObject([{ kind: 'ServiceAccount', name: pod.spec.serviceAccountName }])
    expect(of('ServiceAccount', pod.spec.serviceAccountName)).toBeDefined()
    expect(of('Role', roleRef.name).rules[0].resources).toEqual(['endpointslices'])
  })

  it('is reached by clients, and reaches workers, with all policies', () => {
    const listener = parse(bootstrap).static_resources.listeners[0].address.socket_address
    expect(portsOf(of('Deployment').spec)).toEqual({ http: listener.port_value })
    const service = of('Service').spec
    expect(contains(pod.metadata, service)).toBe(true)
    expect(service.ports).toEqual([{ name: 'http', port: 80, targetPort: 'http' }])
    const own = of('NetworkPolicy').spec
    expect(contains(pod.metadata, { selector: own.podSelector.matchLabels })).toBe(true)
    expect(own.ingress).toEqual([{ ports: [{ port: 'http' }], from: [{ podSelector: {} }] }])
    const [{ from, ports }] = of('NetworkPolicy', 'shop-presage-worker').spec.ingress
    const allowed = from.filter(({ podSelector }: Manifest) =>
      contains(pod.metadata, { selector: podSelector.matchLabels }),
    )
    expect(allowed).toHaveLength(1)
    expect(ports).toEqual([{ port: 'http' }, { port: 'grpc' }])
    for (const { kind, spec } of manifests.filter(({ metadata }) => !metadata.name.endsWith('-envoy')))
      if (['NetworkPolicy', 'PodDisruptionBudget'].includes(kind))
        expect(contains(pod.metadata, { selector: (spec.podSelector ?? spec.selector).matchLabels })).toBe(
          false,
        )
  })

  it('has everything that may be said of it', () => {
    const clients = [{ namespaceSelector: { matchLabels: { team: 'batch' } } }]
    const rendered = template({
      ...on,
      envoy: {
        enabled: true,
        image: { repository: 'registry.example/envoy', tag: `sha256:${'0'.repeat(64)}` },
        replicas: 3,
        concurrency: 4,
        resources: { limits: { cpu: '4' } },
        sync: { resources: { limits: { cpu: '2' } } },
        service: { type: 'LoadBalancer', port: 8080, annotations: { a: 'b' } },
        podAnnotations: { c: 'd' },
        nodeSelector: { disk: 'fast' },
      },
      networkPolicy: { envoyClients: clients },
    })
    const { spec } = find(rendered, 'Deployment', 'shop-presage-envoy')
    const [container] = spec.template.spec.containers
    expect(spec.replicas).toBe(3)
    expect(container.image).toBe(`registry.example/envoy@sha256:${'0'.repeat(64)}`)
    expect(container.args.slice(-2)).toEqual(['--concurrency', '4'])
    expect(container.resources.limits.cpu).toBe('4')
    expect(spec.template.spec.initContainers[0].resources.limits.cpu).toBe('2')
    expect(spec.template.metadata.annotations).toMatchObject({ c: 'd' })
    expect(spec.template.spec.nodeSelector).toEqual({ disk: 'fast' })
    const service = find(rendered, 'Service', 'shop-presage-envoy')
    expect(service.metadata).toMatchObject({ annotations: { a: 'b' } })
    expect(service.spec).toMatchObject({ type: 'LoadBalancer', ports: [{ port: 8080 }] })
    expect(find(rendered, 'NetworkPolicy', 'shop-presage-envoy').spec.ingress[0].from).toEqual(clients)
  })

  it('runs without rights and with a tree that cannot be written, and has no secrets of Presage', () => {
    expect(pod.spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 })
    for (const { securityContext } of [sync, envoy])
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
    const { spec } = find(
      template({ ...on, envFrom: [{ secretRef: { name: 'shop' } }] }),
      'Deployment',
      'shop-presage-envoy',
    )
    expect(spec.template.spec.initContainers[0].envFrom).toHaveLength(1)
    expect(spec.template.spec.containers[0]).not.toHaveProperty('envFrom')
    expect(of('PodDisruptionBudget').spec.maxUnavailable).toBe(1)
  })

  it.each([
    [{ envoy: { enabled: true }, shards: {} }, /envoy.enabled: must come with a shard that runs elsewhere/],
    [{ envoy: { replica: 3 } }, /\breplica\b/],
    [{ envoy: { image: { tag: '' } } }, /envoy.image.tag/],
    [{ shards: { envoy: {} } }, /envoy/],
  ])('refuses %j', (values, problem) => {
    expect(() => template({ ...least, ...values })).toThrow(problem)
  })

  describe('with the real command', () => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-chart-envoy-'))
    const files = join(folder, 'files')
    /** An API server that tells of one worker, and that worker: it answers all calls with their path. */
    const server = createServer(({ url = '' }, response) => {
      if (url.includes('watch=')) return void response.writeHead(200).flushHeaders()
      const { port } = server.address() as AddressInfo
      const slice = {
        metadata: { name: 'main-a', resourceVersion: '1' },
        addressType: 'IPv4',
        endpoints: [{ addresses: ['127.0.0.1'], conditions: { ready: true } }],
        ports: [{ name: 'http', port }],
      }
      if (url.includes('/endpointslices')) asked.push(url)
      response.end(
        url.startsWith('/apis/')
          ? JSON.stringify({ metadata: { resourceVersion: '1' }, items: [slice] })
          : url,
      )
    })
    const asked: string[] = []
    let running: NodeProcess

    /** Runs the sidecar as its pod does, but for the folders and the API server. */
    const start = (values: object) => {
      rmSync(files, { recursive: true, force: true })
      const api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const config = { shards: { main: { kubernetes: { api, namespace: 'shop' } } } }
      const rendered = template({ ...on, ...values, config })
      writeFileSync(
        join(folder, 'presage.yaml'),
        find(rendered, 'ConfigMap', 'shop-presage').data['presage.yaml'],
      )
      const { spec } = find(rendered, 'Deployment', 'shop-presage-envoy').spec.template
      const args = spec.initContainers[0].args.map((arg: string) => (arg === out ? files : arg))
      return startNode([compiledPath('cli/presage'), ...args], /(Presage keeps Envoy's files)/, folder)
    }

    beforeAll(async () => {
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
    })
    afterEach(() => running?.stop('SIGKILL'))
    afterAll(() => {
      server.closeAllConnections()
      server.close()
      rmSync(folder, { recursive: true, force: true })
    })

    it('with TLS Envoy is told of certificates that its container has', async () => {
      running = await start({ tls: { secretName: 'shop-tls', serverName: 'workers.shop' } })
      const secrets = readdirSync(files).filter((name) => name.startsWith('sds-'))
      expect(secrets).toHaveLength(2)
      const rendered = find(
        template({ ...on, tls: { secretName: 'shop-tls', serverName: 'workers.shop' } }),
        'Deployment',
        'shop-presage-envoy',
      )
      const [container] = rendered.spec.template.spec.containers
      const text = secrets.map((name) => readFileSync(join(files, name), 'utf8')).join()
      const paths = [...text.matchAll(/"filename": "([^"]+)"/g)].map(([, path]) => path)
      expect(paths).toHaveLength(3)
      for (const path of paths)
        expect(container.volumeMounts).toContainEqual({
          name: 'tls',
          mountPath: dirname(path),
          readOnly: true,
        })
    })

    it("the sidecar asks for the shard's service, and writes the file that its probe looks for last", async () => {
      running = await start({})
      expect(asked.at(-1)).toContain(encodeURIComponent('kubernetes.io/service-name=shop-presage-main'))
      expect(/wrote (.*);/.exec(running.stderr())![1].split(', ').at(-1)).toBe('rds.json')
      const { port } = server.address() as AddressInfo
      expect(readFileSync(join(files, 'eds-main.json'), 'utf8')).toContain(`"port_value": ${port}`)
    })

    const python = findPython()
    const check = python === undefined ? it.skip : it
    check(
      'Envoy takes its arguments, calls the worker, and sends its clients away before it stops',
      async () => {
        const binary = envoyBinary(python!)
        const file = join(folder, 'envoy.yaml')
        writeFileSync(file, bootstrap.replaceAll(out, files))
        const args = envoy.args.map((arg: string) => (arg === '/etc/envoy/envoy.yaml' ? file : arg))
        const validate = () => spawnSync(binary, [...args, '--mode', 'validate'], { encoding: 'utf8' })
        rmSync(files, { recursive: true, force: true })
        // This is why the sidecar comes first.
        expect(validate()).toMatchObject({ status: 1, stderr: expect.stringContaining('cds.json') })
        running = await start({})
        expect(validate()).toMatchObject({ status: 0, stdout: expect.stringContaining('OK') })

        const started = await EnvoyServer.start(binary, files)
        try {
          const probe = () => fetch(`${started.url}${envoy.readinessProbe.httpGet.path}`)
          expect((await probe()).status).toBe(200)
          const headers = { 'x-presage-routing-key': 'a@1@main' }
          const call = () => fetch(`${started.url}/v2/models/a`, { headers })
          await until(async () => (await call()).status === 200)
          expect(await (await call()).text()).toBe('/v2/models/a')

          const [shell, flag, script] = envoy.lifecycle.preStop.exec.command
          const { status } = spawnSync(shell, [
            flag,
            script.replace('9901', String(started.adminPort)).replace(/sleep \d+$/, 'sleep 0'),
          ])
          expect(status).toBe(0)
          await until(async () => (await probe()).status === 503)
          const answer = await call()
          expect([answer.status, answer.headers.get('connection')]).toEqual([200, 'close'])
        } finally {
          await started.stop()
        }
      },
      300_000,
    )
  })

  it('a pod that stops has time for what is in flight', () => {
    const stop = { drainSeconds: 7, graceSeconds: 20 }
    const { spec } = find(template({ ...on, stop }), 'Deployment', 'shop-presage-envoy').spec.template
    expect(spec.containers[0].lifecycle.preStop.exec.command[2]).toMatch(/ sleep 27$/)
    expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(27)
  })

  /** The volume that a container has at a path, and where in it. */
  function mountAt(container: Manifest, path: string): { readonly volume: object; readonly path: string } {
    const mounts: { name: string; mountPath: string; subPath?: string }[] = container.volumeMounts
    const mount = mounts.find(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`))!
    const volume = pod.spec.volumes.find(({ name }: { name: string }) => name === mount.name)
    return { volume, path: mount.subPath ?? path.slice(mount.mountPath.length + 1) }
  }
}

function find(manifests: readonly Manifest[], kind: string, name: string): Manifest {
  return manifests.find((one) => one.kind === kind && one.metadata.name === name)!
}
