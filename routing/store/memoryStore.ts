import { Emitter } from '../../lib/events'
import { noHead } from './head'
import type { Lease, NodeReport } from './lease'
import { infoOf, type RuleSetVersion } from './ruleSetVersion'
import { RuleStore } from './ruleStore'
import type { SeenHead, StoreBackend } from './storeBackend'

/** A store that ends with the process, for tests and trials. */
export function createMemoryStore(): RuleStore {
  return new RuleStore(new MemoryBackend())
}

/** Several stores may share one backend, as several processes share a Redis. */
export class MemoryBackend implements StoreBackend {
  readonly kind = 'memory'
  private seen: SeenHead = { head: noHead, token: '0' }
  private readonly versions = new Map<number, RuleSetVersion>()
  private readonly reports = new Map<string, Lease>()
  private readonly changed = new Emitter<void>()

  async readHead() {
    return this.seen
  }

  async commit(seen: SeenHead, head: SeenHead['head'], versions: readonly RuleSetVersion[]) {
    if (seen.token !== this.seen.token) return false
    this.seen = { head, token: String(Number(seen.token) + 1) }
    for (const version of versions) {
      if (!this.versions.has(version.number)) this.versions.set(version.number, version)
    }
    this.changed.fire()
    return true
  }

  async readVersion(number: number) {
    return this.versions.get(number)
  }

  async hasVersion(number: number) {
    return this.versions.has(number)
  }

  async readInfos() {
    return [...this.versions.values()].map(infoOf)
  }

  async writeReport(report: NodeReport, ttlMs: number, writer: string) {
    this.reports.set(report.node, { report, until: Date.now() + ttlMs, writer })
  }

  async readReports() {
    const now = Date.now()
    return [...this.reports.values()].filter(({ until }) => until > now).map(({ report }) => report)
  }

  async removeReport(node: string, writer: string) {
    if (this.reports.get(node)?.writer === writer) this.reports.delete(node)
  }

  watch(listener: () => void) {
    return this.changed.event(listener)
  }

  /** Loses everything, as a Redis without persistence does. */
  empty(): void {
    this.seen = { head: noHead, token: String(Number(this.seen.token) + 1) }
    this.loseVersions()
    this.reports.clear()
  }

  /** Loses them alone, as a Redis that evicts keys may. */
  loseVersions(): void {
    this.versions.clear()
  }

  async dispose() {}
}
