import type { Config } from '../../cli/config/config'
import { type Deployment, type StartOptions, startDeployment } from '../../cli/deployment/startDeployment'
import { exampleConfig } from './exampleConfig'

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: answers of many shapes, each looked at by the test that asked for it
  readonly data: any
  readonly errors?: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string }
  }[]
}

/** The example service, running in this process on a free port, with all models loaded. */
export interface Example {
  readonly deployment: Deployment
  readonly url: string
  query(query: string, variables?: Record<string, unknown>, headers?: Record<string, string>): Promise<Answer>
  /** The value of a counter, summed over all series whose labels hold the given ones. */
  counter(name: string, labels?: Readonly<Record<string, string>>): Promise<number>
  close(): Promise<void>
}

/** Starts the example; `change` lays values over its configuration. */
export async function startExample(
  change: (config: Config) => Partial<Config> = () => ({}),
  options: StartOptions = {},
): Promise<Example> {
  const config = exampleConfig()
  return startConfigured({ ...config, ...change(config) }, options)
}

export async function startConfigured(config: Config, options: StartOptions = {}): Promise<Example> {
  const deployment = await startDeployment(withOwnRules(config), { port: 0, ...options })
  await deployment.loaded
  const base = `http://127.0.0.1:${deployment.port}`
  return {
    deployment,
    url: `${base}/graphql`,
    query: (query, variables, headers) => postQuery(`${base}/graphql`, query, variables, headers),
    counter: (name, labels) => readCounter(`${base}/metrics`, name, labels),
    close: () => deployment.close(),
  }
}

/** Tests do not share the folder of versions that a configuration has by default. */
export function withOwnRules(config: Config): Config {
  if (!config.ruleStore.isDefault) return config
  return { ...config, ruleStore: { ...config.ruleStore, place: { kind: 'memory' } } }
}

export async function postQuery(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables }),
  })
  return (await response.json()) as Answer
}

export async function readCounter(
  url: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await (await fetch(url)).text()
  let sum = 0
  for (const line of text.split('\n')) {
    if (!line.startsWith(`${name}{`) && !line.startsWith(`${name} `)) continue
    if (!Object.entries(labels).every(([key, value]) => line.includes(`${key}="${value}"`))) continue
    sum += Number(line.slice(line.lastIndexOf(' ') + 1))
  }
  return sum
}
