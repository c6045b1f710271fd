import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { packageRoot } from '../../lib/packagePaths'

/** What the chart makes of values. Which fields it has, a test looks at. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string }
  // biome-ignore lint/suspicious/noExplicitAny: objects of many kinds, each looked at by the test that asked for it
  readonly [key: string]: any
}

export const chart = join(packageRoot, 'deploy/helm/presage')

/** Whether there is a helm in PATH. */
export function hasHelm(): boolean {
  return spawnSync('helm', ['version'], { stdio: 'ignore' }).status === 0
}

/** The manifests of a release named `shop`. Throws with what helm says if it refuses the values. */
export function template(values: object): readonly Manifest[] {
  const { status, stdout, stderr } = spawnSync('helm', ['template', 'shop', chart, '--values', '-'], {
    input: JSON.stringify(values),
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(stderr)
  return parseAllDocuments(stdout).map((document) => document.toJS() as Manifest)
}

/** The ports of the first container of a workload, by name. */
export function portsOf(spec: Manifest): Record<string, number> {
  const { ports } = spec.template.spec.containers[0] as {
    ports: { name: string; containerPort: number }[]
  }
  return Object.fromEntries(ports.map(({ name, containerPort }) => [name, containerPort]))
}

/** Whether labels are all that a selector wants. */
export function contains(
  { labels }: { readonly labels: Readonly<Record<string, string>> },
  { selector }: { readonly selector: Readonly<Record<string, string>> },
): boolean {
  return Object.entries(selector).every(([name, value]) => labels[name] === value)
}
