import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Whether there is a Prometheus on this machine. With PRESAGE_TEST_PROMETHEUS there must be one. */
export function hasPrometheus(): boolean {
  const { status } = spawnSync('prometheus', ['--version'], { stdio: 'ignore' })
  if (status === 0) return true
  if (process.env['PRESAGE_TEST_PROMETHEUS'] === undefined) return false
  throw new Error('prometheus must be installed for these tests (apt-get install prometheus)')
}

/** A Prometheus of a test's own. */
export class PrometheusServer {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Reads every second, by job, from addresses such as `127.0.0.1:4000`, and from itself. Settles when it answers. */
  static async start(
    port: number,
    targets: Readonly<Record<string, readonly string[]>>,
  ): Promise<PrometheusServer> {
    const folder = mkdtempSync(join(tmpdir(), 'presage-prometheus-'))
    const own = `127.0.0.1:${port}`
    const jobs = Object.entries({ ...targets, prometheus: [own] }).map(([job_name, list]) => ({
      job_name,
      static_configs: [{ targets: list }],
    }))
    const config = { global: { scrape_interval: '1s', scrape_timeout: '1s' }, scrape_configs: jobs }
    writeFileSync(join(folder, 'prometheus.yml'), JSON.stringify(config))
    const place = [`--web.listen-address=${own}`, `--storage.tsdb.path=${join(folder, 'data')}`]
    const child = spawn('prometheus', [`--config.file=${join(folder, 'prometheus.yml')}`, ...place], {
      stdio: 'ignore',
    })
    const server = new PrometheusServer(`http://${own}`, child, folder)
    while (!(await server.answers())) {
      if (child.exitCode !== null) throw new Error(`prometheus ended with ${child.exitCode}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return server
  }

  /** The values of an expression at the end of each step; times are in milliseconds since 1970. */
  async values(query: string, times: readonly number[]): Promise<readonly (number | null)[]> {
    const [first, second = first + 1000] = times
    const range = {
      query,
      start: first / 1000,
      end: times[times.length - 1] / 1000,
      step: (second - first) / 1000,
    }
    const parameters = new URLSearchParams(
      Object.entries(range).map(([key, value]): [string, string] => [key, String(value)]),
    )
    const response = await fetch(`${this.url}/api/v1/query_range?${parameters}`)
    const { data } = (await response.json()) as {
      data: { result: { values: [number, string][] }[] }
    }
    const [series] = data.result
    const found = new Map(
      series?.values.map(([seconds, value]) => [Math.round(seconds * 1000), Number(value)]),
    )
    return times.map((time) => found.get(time) ?? null)
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit')
    this.child.kill('SIGKILL')
    await ended
    rmSync(this.folder, { recursive: true, force: true })
  }

  private async answers(): Promise<boolean> {
    return fetch(`${this.url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  }
}
