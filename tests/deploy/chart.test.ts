import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { type Config, loadConfig } from '../../cli/config/config'
import { chart, contains, hasHelm, type Manifest, portsOf, template } from '../support/helm'
import { findPython, run, venvWith } from '../support/pythonVenv'

/** The Helm chart, as helm renders it. */

const image = { repository: 'registry.example/shop', tag: '1' }

/** As little as an installation may say, a shard of its own, and everything. */
const installations = {
  least: { image },
  'a shard': { image, shards: { main: {} } },
  everything: {
    image: { ...image, tag: `sha256:${'0'.repeat(64)}` },
    imagePullSecrets: [{ name: 'registry' }],
    config: {
      limits: { bodyBytes: 2_097_152 },
      // biome-ignore lint/suspicious/noTemplateCurlyInString: as presage.yaml has it
      trust: { envelopeKey: '${env.ENVELOPE_KEY:-}' },
      shards: { ranking: { protocol: 'grpc', copies: 2 }, local: { workers: 1 } },
    },
    envFrom: [{ secretRef: { name: 'shop' } }],
    tls: { secretName: 'shop-tls', serverName: 'workers.shop' },
    stop: { drainSeconds: 7, graceSeconds: 20 },
    gateway: { replicas: 3, podAnnotations: { a: 'b' }, tolerations: [{ key: 'x', operator: 'Exists' }] },
    service: { type: 'LoadBalancer', annotations: { a: 'b' } },
    shards: {
      ranking: { replicas: 4, resources: { requests: { cpu: '4' } }, nodeSelector: { disk: 'fast' } },
      risk: { autoscaling: { enabled: true, maxReplicas: 40 } },
    },
    extraVolumes: [{ name: 'models', persistentVolumeClaim: { claimName: 'models' } }],
    extraVolumeMounts: [{ name: 'models', mountPath: '/app/models', readOnly: true }],
    networkPolicy: {
      clients: [{ podSelector: { matchLabels: { app: 'ingress' } } }],
      workerEgress: [{ ports: [{ port: 53, protocol: 'UDP' }] }],
    },
    podMonitor: { enabled: true, labels: { release: 'prometheus' } },
  },
}

if (!hasHelm()) {
  const reason = 'there is no helm in PATH'
  console.warn(`skipped: ${reason}`)
  it.skip(`skipped: ${reason}`, () => {})
} else {
  const folder = mkdtempSync(join(tmpdir(), 'presage-chart-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  describe.each(Object.entries(installations))('an installation that says %s', (_, values) => {
    const manifests = template(values)
    const of = (kind: string) => manifests.filter((one) => one.kind === kind)
    const workloads = of('Deployment')
    const config = configIn(of('ConfigMap')[0], folder)

    it('has a configuration that Presage accepts, whose addresses are those of the containers', () => {
      const { server, worker } = config
      expect([server.host, server.admin?.host, worker.http.host, worker.grpc.host]).toEqual(
        Array(4).fill('0.0.0.0'),
      )
      for (const { spec } of workloads) {
        const ports = portsOf(spec)
        expect(ports).toEqual(
          spec.template.spec.serviceAccountName === undefined
            ? { http: worker.http.port, grpc: worker.grpc.port, admin: server.admin!.port }
            : { http: server.port, admin: server.admin!.port },
        )
      }
    })

    it('has workers for each shard whose members Kubernetes tells, behind the service that it asks for', () => {
      const remote = Object.entries(config.shards).flatMap(([name, { members, protocol }]) =>
        members?.by === 'kubernetes' ? [{ name, members, protocol: protocol ?? 'http' }] : [],
      )
      expect(remote.map(({ name }) => name).sort()).toEqual(
        Object.keys('shards' in values ? values.shards : {}),
      )
      for (const { name, members, protocol } of remote) {
        const service = of('Service').find(({ metadata }) => metadata.name === members.service)!
        expect(service.spec.clusterIP).toBe('None')
        const [{ spec }] = workloads.filter(({ spec }) => contains(spec.template.metadata, service.spec))
        expect(spec.template.spec.containers[0].args).toEqual(['worker', '--shard', name])
        expect(members.port).toBe(protocol)
        const { targetPort } = service.spec.ports.find((port: { name: string }) => port.name === protocol)
        expect(portsOf(spec)).toHaveProperty(targetPort)
      }
      expect(workloads).toHaveLength(1 + remote.length)
    })

    it('gives pods the time that they take to stop', () => {
      for (const { spec } of workloads) {
        const { containers, terminationGracePeriodSeconds } = spec.template.spec
        const hook = Number(containers[0].lifecycle?.preStop.exec.command[1] ?? 0)
        const drain = hook === 0 ? config.worker.drain / 1000 : hook
        expect(drain).toBeGreaterThan(0)
        expect(terminationGracePeriodSeconds).toBeGreaterThan(drain + config.server.grace / 1000)
      }
    })

    it('runs everything without rights and with a tree that cannot be written', () => {
      for (const { spec } of workloads) {
        const { securityContext, containers, automountServiceAccountToken } = spec.template.spec
        expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000 })
        expect(containers[0].securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        })
        if (containers[0].name === 'worker') expect(automountServiceAccountToken).toBe(false)
      }
      expect(of('Role')[0].rules).toEqual([
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ])
    })

    it('has policies and budgets that select pods, and ports that they have', () => {
      const selecting = [...of('NetworkPolicy'), ...of('PodDisruptionBudget')]
      expect(selecting).toHaveLength(2 + workloads.length)
      for (const { kind, metadata, spec } of selecting) {
        const selector = (spec.podSelector ?? spec.selector).matchLabels
        const pods = workloads.filter((one) => contains(one.spec.template.metadata, { selector }))
        // A policy for workers may find none.
        if (kind !== 'NetworkPolicy' || metadata.name.endsWith('-gateway'))
          expect(pods.length).toBeGreaterThan(0)
        const ports = (spec.ingress ?? []).flatMap((rule: { ports: { port: string }[] }) => rule.ports)
        for (const { port } of ports) for (const pod of pods) expect(portsOf(pod.spec)).toHaveProperty(port)
      }
    })
  })

  it('scales a shard by the wait of its rows, within its namespace', () => {
    const [scaled] = template(installations.everything).filter(({ kind }) => kind === 'ScaledObject')
    const [{ metadata }] = scaled.spec.triggers
    expect(scaled.spec.scaleTargetRef).toEqual({ name: 'shop-presage-risk' })
    expect(metadata.query).toContain(
      'presage_queue_duration_seconds_bucket{namespace="default",shard="risk"}',
    )
    expect(metadata.threshold).toBe('0.02')
  })

  it.each([
    [{ gatway: {} }, /gatway/],
    [{ image: { ...image, tag: '' } }, /image.tag/],
    [{ shards: { gateway: {} } }, /gateway/],
    [{ shards: { main: { replica: 3 } } }, /\breplica\b/],
    [{ tls: { secretName: 'shop-tls' } }, /tls.serverName/],
  ])('refuses %j', (values, problem) => {
    expect(() => template({ image, ...values })).toThrow(problem)
  })

  it('passes what helm itself checks', () => {
    const values = JSON.stringify({ ...installations.everything, envoy: { enabled: true } })
    const { status, stdout } = spawnSync('helm', ['lint', chart, '--strict', '--values', '-'], {
      input: values,
      encoding: 'utf8',
    })
    expect(stdout).toContain('0 chart(s) failed')
    expect(status).toBe(0)
  })

  const python = findPython()
  const check = python === undefined ? it.skip : it
  check(
    'fits the schemas of the oldest and the newest Kubernetes that it is for',
    () => {
      const file = join(folder, 'manifests.json')
      // Those of KEDA and of the Prometheus operator have no schema in there.
      const own = [...Object.values(installations), { ...installations.everything, envoy: { enabled: true } }]
        .flatMap(template)
        .filter(({ apiVersion }) => !/^(keda|monitoring)\./.test(apiVersion))
      const tool = join(
        dirname(venvWith(python!, join(__dirname, 'requirements.txt'))),
        'kubernetes-validate',
      )
      const validate = (manifests: readonly object[], version: string) => {
        writeFileSync(file, manifests.map((one) => `---\n${JSON.stringify(one)}\n`).join(''))
        return run(tool, ['--kubernetes-version', version, '--strict', file])
      }
      for (const version of ['1.29.0', '1.37.0'])
        expect(validate(own, version).match(/ passed for resource /g)).toHaveLength(own.length)
      expect(() => validate([{ ...own[0], spek: {} }], '1.37.0')).toThrow(/spek/)
    },
    120_000,
  )
}

function configIn(map: Manifest, folder: string): Config {
  const file = join(folder, 'presage.yaml')
  writeFileSync(file, map.data['presage.yaml'])
  return loadConfig(file)
}
