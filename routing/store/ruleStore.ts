import { randomUUID } from 'node:crypto'
import { LoadError, PresageError } from '../../lib/errors'
import * as heads from './head'
import { type Head, type MadeHead, noHead } from './head'
import { checkNodeName, type NodeReport } from './lease'
import { imported, merged, rebuilt } from './mergeCopy'
import type { NodeCopy } from './nodeCopy'
import type {
  ActivateOutcome,
  Change,
  CreateOutcome,
  LostVersion,
  NothingThere,
  PinOutcome,
  PublishOutcome,
  RestoreOutcome,
  RollbackOutcome,
  UnknownVersion,
} from './outcomes'
import { readinessFor } from './readiness'
import { infoOf, type Publication, type RuleSetVersion, sha256Of, type VersionInfo } from './ruleSetVersion'
import type { StoreBackend } from './storeBackend'

export interface ActivateOptions {
  /** The active version that the caller saw, null for none. If another one is active, the outcome is a conflict. */
  readonly expected: number | null
  readonly by: string
  /** The share of the leased nodes that must be prepared, above 0 and at most 1; default 1. */
  readonly quorum?: number
  /** Activates even if nodes are not prepared. */
  readonly force?: boolean
}

export interface RollbackOptions {
  readonly by: string
  /** The active version that the caller saw; if absent, any. */
  readonly expected?: number
  /** The version that is to be active again; if absent, any. If it would be another one, nothing is changed. */
  readonly to?: number
}

/**
 * The versions of the rules and the pointer to the active one, in any backend. Expected results are returned as
 * outcomes. Only `STORE_UNREACHABLE` is thrown, after which a change may or may not have been made.
 */
export class RuleStore {
  /** Tells the reports of this process from those of another one that runs a node of the same name. */
  private readonly writer = randomUUID()

  constructor(private readonly backend: StoreBackend) {}

  get kind(): string {
    return this.backend.kind
  }

  async head(): Promise<Head> {
    return (await this.backend.readHead()).head
  }

  /** Undefined if there is no such version. Throws a LoadError if its text is not the one that was published. */
  async get(number: number): Promise<RuleSetVersion | undefined> {
    const version = await this.backend.readVersion(number)
    if (version !== undefined && sha256Of(version.text) !== version.sha256) {
      throw new LoadError([`version ${number} of the rules: its text must have the hash ${version.sha256}`])
    }
    return version
  }

  /** Whether the version and its text are there. Cheap, so that nodes may ask at every look. */
  has(number: number): Promise<boolean> {
    return this.backend.hasVersion(number)
  }

  /** All versions without their texts, newest first. */
  async history(): Promise<readonly VersionInfo[]> {
    const infos = await this.backend.readInfos()
    return [...infos].sort((one, other) => other.number - one.number)
  }

  /**
   * Creates the store, once in its life; with `first` as version 1, active at once. Of several concurrent callers one
   * succeeds. A store of which nodes remember versions is not created anew.
   */
  create(first?: Publication): Promise<CreateOutcome> {
    return this.change<CreateOutcome>((head) => {
      if (head.kind === 'made') return { outcome: { kind: 'there already' } }
      if (head.floor.number > 0) return { outcome: nothingThere(head) }
      const empty = heads.madeHead(head.floor)
      if (first === undefined) return { outcome: { kind: 'created' }, next: empty }
      const version = this.versionOf(first, 1)
      const next = heads.activated(
        { ...empty, highest: 1 },
        this.activation(empty, version, 'create', first.author),
      )
      return { outcome: { kind: 'created', version }, next, versions: [version] }
    })
  }

  /** Stores a version under the next number, without effect until activated. With `after`, only if still highest. */
  publish(publication: Publication, { after }: { readonly after?: number } = {}): Promise<PublishOutcome> {
    return this.change<PublishOutcome>((head) => {
      if (head.kind === 'nothing') return { outcome: nothingThere(head) }
      const { highest } = head
      if (after !== undefined && highest !== after) return { outcome: { kind: 'overtaken', highest } }
      const version = this.versionOf(publication, head.highest + 1)
      return {
        outcome: { kind: 'published', version },
        next: { ...head, highest: version.number },
        versions: [version],
      }
    })
  }

  /** Makes a version the active one if the leased nodes are prepared for it; otherwise asks them to prepare it. */
  activate(number: number, options: ActivateOptions): Promise<ActivateOutcome> {
    return this.change<ActivateOutcome>(async (head) => {
      if (head.kind === 'nothing') return { outcome: nothingThere(head) }
      const { active } = head
      if ((active?.number ?? null) !== options.expected) return { outcome: { kind: 'conflict', active } }
      if (active?.number === number && (await this.has(number)))
        return { outcome: { kind: 'activated', active } }
      const [version, leases] = await Promise.all([
        this.backend.readVersion(number),
        options.force ? undefined : this.leases(),
      ])
      if (version === undefined) return { outcome: missing(head, number) }
      const refusal = leases && readinessFor(number, leases, options.quorum ?? 1)
      if (refusal !== undefined) return { outcome: refusal, next: heads.wanting(head, number) }
      const next = this.activation(head, version, options.force ? 'force' : 'activate', options.by)
      return { outcome: { kind: 'activated', active: next }, next: heads.activated(head, next) }
    })
  }

  /** Makes the previously active version active again, prepared or not. */
  rollback(options: RollbackOptions): Promise<RollbackOutcome> {
    return this.change<RollbackOutcome>(async (head) => {
      if (head.kind === 'nothing') return { outcome: nothingThere(head) }
      const { active, trail } = head
      if (options.expected !== undefined && active?.number !== options.expected) {
        return { outcome: { kind: 'conflict', active } }
      }
      const number = trail.at(-1)
      if (active === undefined || number === undefined) return { outcome: { kind: 'nothing before', active } }
      if (options.to !== undefined && number !== options.to) {
        return { outcome: { kind: 'another before', previous: number } }
      }
      const version = await this.backend.readVersion(number)
      if (version === undefined) return { outcome: { kind: 'lost version', number } }
      const next = this.activation(head, version, 'rollback', options.by)
      return {
        outcome: { kind: 'rolled back', active: next, from: active },
        next: heads.rolledBack(head, next),
      }
    })
  }

  /** Pins one node at a version, whichever is active; null lets it follow again. */
  pin(node: string, number: number | null): Promise<PinOutcome> {
    checkNodeName(node)
    return this.change<PinOutcome>(async (head) => {
      if (head.kind === 'nothing') return { outcome: nothingThere(head) }
      if (number === null) return { outcome: { kind: 'unpinned' }, next: heads.pinned(head, node, undefined) }
      const version = await this.backend.readVersion(number)
      if (version === undefined) return { outcome: missing(head, number) }
      return { outcome: { kind: 'pinned' }, next: heads.pinned(head, node, number) }
    })
  }

  /**
   * Restores a store that lost everything from a node's copy, above every number and epoch that any node has reported.
   * An existing store only gets what it lacks. A store that was created anew since the loss is refused, unless
   * `replace` is set: then the copy's versions are imported under new numbers.
   */
  restore(copy: NodeCopy, by: string, options: { readonly replace?: boolean } = {}): Promise<RestoreOutcome> {
    return this.change<RestoreOutcome>(async (head) => {
      if (head.kind === 'nothing') return rebuilt(copy, head, by, timeNow())
      if (options.replace && head.id !== copy.id) return imported(copy, head, by, timeNow())
      return this.merged(copy, head, by)
    })
  }

  /** Adds to an existing store, if it is still the same, what it lacks, such as its last changes before a crash. */
  heal(copy: NodeCopy, by: string): Promise<RestoreOutcome> {
    return this.change<RestoreOutcome>(async (head) => {
      if (head.kind === 'nothing') return { outcome: nothingThere(head) }
      return this.merged(copy, head, by)
    })
  }

  /**
   * Tells a store that lost its data how far a node remembers it to have come, so that no number up to there is reused.
   */
  remember(floor: heads.Floor): Promise<void> {
    return this.change<void>((head) => {
      const known = heads.floorOf(head)
      const higher = heads.raised(known, floor)
      if (head.kind === 'nothing') {
        const isHigher = higher.number > known.number || higher.epoch > known.epoch
        return isHigher ? { outcome: undefined, next: { ...noHead, floor: higher } } : { outcome: undefined }
      }
      if (higher.number === known.number) return { outcome: undefined }
      return { outcome: undefined, next: { ...head, highest: higher.number } }
    })
  }

  /** Stores a node's report, which is valid for `ttlMs`. */
  report(report: NodeReport, ttlMs: number): Promise<void> {
    checkNodeName(report.node)
    return this.backend.writeReport(report, ttlMs, this.writer)
  }

  /** Removes a leaving node, so that nobody waits for it. The report of a process that has taken its place stays. */
  leave(node: string): Promise<void> {
    checkNodeName(node)
    return this.backend.removeReport(node, this.writer)
  }

  /** The reports of nodes with a lease, by name. */
  async leases(): Promise<readonly NodeReport[]> {
    const reports = await this.backend.readReports()
    return [...reports].sort((one, other) => (one.node < other.node ? -1 : 1))
  }

  /**
   * Calls the listener soon after something may have changed; polling is needed as well. The returned function ends it.
   */
  subscribe(listener: () => void): () => void {
    return this.backend.watch(listener)
  }

  dispose(): Promise<void> {
    return this.backend.dispose()
  }

  /** Reads, decides and commits; again if another writer was first, which means that some writer made progress. */
  private async change<T>(decide: (head: Head) => Change<T> | Promise<Change<T>>): Promise<T> {
    for (let attempt = 0; attempt < mostAttempts; attempt++) {
      const seen = await this.backend.readHead()
      const { outcome, next, versions } = await decide(seen.head)
      if (next === undefined || (await this.backend.commit(seen, next, versions ?? []))) return outcome
    }
    throw new PresageError(
      'STORE_UNREACHABLE',
      `too many processes are changing the rule store at once (${this.kind})`,
    )
  }

  private async merged(copy: NodeCopy, head: MadeHead, by: string): Promise<Change<RestoreOutcome>> {
    const infos = await this.backend.readInfos()
    const numbers = copy.versions.map(({ number }) => number)
    const has = await Promise.all(numbers.map((number) => this.backend.hasVersion(number)))
    const whole = new Set(numbers.filter((_, index) => has[index]))
    return merged(copy, head, { infos, whole }, by, timeNow())
  }

  private versionOf({ text, author, message }: Publication, number: number): RuleSetVersion {
    return { ...infoOf({ number, sha256: sha256Of(text), author, time: timeNow(), message }), text }
  }

  private activation(head: MadeHead, version: VersionInfo, kind: heads.ActivationKind, by: string) {
    return heads.nextActivation(heads.floorOf(head).epoch, version, kind, by, timeNow())
  }
}

const mostAttempts = 200

function timeNow(): string {
  return new Date().toISOString()
}

/** Every number up to the highest was given to a version, which is then lost. */
function missing({ highest }: MadeHead, number: number): UnknownVersion | LostVersion {
  const wasGiven = Number.isInteger(number) && number > 0 && number <= highest
  return { kind: wasGiven ? 'lost version' : 'unknown version', number }
}

function nothingThere(head: heads.NoHead): NothingThere {
  return { kind: 'nothing there', floor: head.floor }
}
