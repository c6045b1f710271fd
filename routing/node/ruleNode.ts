import { type Clock, systemClock } from '../../lib/clock'
import { Emitter } from '../../lib/events'
import type { Activation, Floor, MadeHead } from '../store/head'
import { type NodeCopy, readNodeCopy } from '../store/nodeCopy'
import { lostText, lostVersionText, nothingPublished, sentenceOf } from '../store/outcomes'
import { infoOf, type RuleSetVersion } from '../store/ruleSetVersion'
import type { RuleStore } from '../store/ruleStore'
import { CopyFile } from './copyFile'
import { NodeMemory } from './nodeMemory'
import { NodeReporter } from './nodeReporter'
import type { NodeState, NodeStatus, StaleCause } from './nodeStatus'
import { Preparations } from './preparations'
import { VersionCache } from './versionCache'

export interface RuleNodeOptions {
  /** Its name among the nodes: letters, digits, `_`, `.` and `-`. Unique, and the same after a restart. */
  readonly node: string
  readonly store: RuleStore
  /**
   * The file for its own copy of the rules, with which it can start while the store is unreachable; absent for none.
   */
  readonly file?: string
  /** Whether it restores a store that came back empty. By default that is a person's decision. */
  readonly restores?: boolean
  /** Compiles a version and loads its models, one at a time. Returns why it cannot be fully served, if so. */
  readonly prepare: (version: RuleSetVersion) => Promise<readonly string[]>
  /** Puts a version into effect for all requests. Throws, and changes nothing, if it cannot be served at all. */
  readonly activate: (version: RuleSetVersion) => void
  /** Writes one line for the operator, when something changes. */
  readonly log?: (line: string) => void
  /** How long this node's report is valid in the store, in milliseconds; default 10,000. */
  readonly leaseMs?: number
  readonly clock?: Clock
}

/** How often to check the store, in addition to its notifications. */
const pollMs = 1000

/**
 * Connects one serving node to a rule store. Requests do not come here: `activate` replaces what they use.
 *
 *     store notifies, or poll ──> look at the head
 *         no answer, data lost, or another store ──> keep serving, stale
 *         has lost something that this node knows ──> give it back, look again
 *         another version is active ──> prepared, or need not be? ── yes ──> activate
 *                                                                 └─ no ───> prepare, then look again
 *         then: fetch new versions, prepare likely ones, report, write the copy
 */
export class RuleNode {
  /** Fires after the status has changed. */
  readonly changed: Emitter<NodeStatus>['event']
  private readonly changes = new Emitter<NodeStatus>()
  private readonly clock: Clock
  private readonly log: (line: string) => void
  private readonly memory: NodeMemory
  private readonly copyFile: CopyFile | undefined
  private readonly preparations: Preparations
  private readonly cache: VersionCache
  private readonly reporter: NodeReporter
  private effect: { readonly version: RuleSetVersion; readonly epoch: number } | undefined
  private position: Exclude<NodeState, { kind: 'stale' }> = {
    kind: 'waiting',
    why: 'has not read the store yet',
  }
  /** Whether it has had in effect what should be, by the store or, without one, by its copy. */
  private hasArrived = false
  private absence: { readonly cause: StaleCause; readonly why: string } | undefined
  /** Whether the store may lack something that this node has: after a start, and after the store lost everything. */
  private mustOffer: boolean
  private isDue = false
  private isLooking = false
  private looking: Promise<void> = Promise.resolve()
  /** What the operator and the listeners were told last. */
  private line = ''
  private told = ''
  private unsubscribe = () => {}
  private cancelPoll = () => {}
  private cancelLine = () => {}
  private isDisposed = false

  /**
   * Resolves when the node serves, from the store or from its own copy, or has to wait. By then its copy is on disk.
   */
  static async start(options: RuleNodeOptions): Promise<RuleNode> {
    const node = new RuleNode(options)
    node.unsubscribe = options.store.subscribe(() => void node.look())
    await node.look()
    await node.copyFile?.settled()
    node.pollLater()
    return node
  }

  private constructor(private readonly options: RuleNodeOptions) {
    this.changed = this.changes.event
    this.clock = options.clock ?? systemClock
    this.log = options.log ?? (() => {})
    this.memory = new NodeMemory(this.readCopy())
    this.mustOffer = !this.memory.isBlank
    this.copyFile = options.file === undefined ? undefined : new CopyFile(options.file, this.log)
    this.preparations = new Preparations(options.prepare, () => void this.look())
    this.cache = new VersionCache(options.store, this.memory)
    this.reporter = new NodeReporter(options.store, options.leaseMs ?? 10_000, this.clock, this.log)
  }

  status(): NodeStatus {
    const { effect } = this
    const { silence } = this.reporter
    return {
      node: this.options.node,
      state: this.state(),
      ...(effect && { inEffect: { ...infoOf(effect.version), epoch: effect.epoch } }),
      isReady: effect !== undefined && this.preparations.isPrepared(effect.version.number) && !this.isLate,
      ...(silence !== undefined && { silence }),
      prepared: this.preparations.prepared,
      problems: { ...this.preparations.problems, ...this.cache.problems },
    }
  }

  /** Whether the node is pinned at a version, as far as is known. */
  get isPinned(): boolean {
    return this.memory.pinOf(this.options.node) !== undefined
  }

  /** Whether the store answers, and what it wants in effect has not been since the start. */
  private get isLate(): boolean {
    return !this.hasArrived && this.absence === undefined && this.position.kind === 'behind'
  }

  /** A version that the node has: the one in effect, or one of the latest eight. */
  version(number: number): RuleSetVersion | undefined {
    return this.memory.get(number)
  }

  /** The versions in effect, active, next in a rollback, or pinned. The models that these name must not be unloaded. */
  versionsToHold(): readonly RuleSetVersion[] {
    const serving = this.effect === undefined ? [] : [this.effect.version]
    return [...new Set([...serving, ...this.memory.named()])]
  }

  /** A copy from which a lost store can be restored. Undefined if the node has seen no store. */
  copy(): NodeCopy | undefined {
    return this.memory.copy()
  }

  /** Prepares failed versions again, since new models may have come. */
  recheck(): void {
    this.preparations.forgetFailures()
    void this.look()
  }

  /** Prepares every version again except the one in effect, since what a version has to decide has changed. */
  prepareAgain(): void {
    this.preparations.startOver(this.effect?.version.number)
    this.recheck()
  }

  /** Looks at the store and acts on it, once more if it is already looking. Resolves when done; never rejects. */
  look(): Promise<void> {
    this.isDue = true
    if (!this.isLooking) this.looking = this.lookWhileDue()
    return this.looking
  }

  /** Removes the node from the store, which is not disposed of. */
  async dispose(): Promise<void> {
    this.isDisposed = true
    this.cancelPoll()
    this.cancelLine()
    this.unsubscribe()
    this.preparations.stop()
    await this.looking
    await this.options.store.leave(this.options.node).catch(() => {})
    await this.copyFile?.settled()
  }

  private pollLater(): void {
    this.cancelPoll = this.clock.after(pollMs, async () => {
      await this.look()
      if (!this.isDisposed) this.pollLater()
    })
  }

  private async lookWhileDue(): Promise<void> {
    this.isLooking = true
    while (this.isDue && !this.isDisposed) {
      this.isDue = false
      try {
        await this.lookOnce()
      } catch (error) {
        this.leaveStore('unreachable', (error as Error).message)
      }
      if (this.effect === undefined) this.serveFromMemory()
      else if (this.absence !== undefined) this.preparations.ask(this.effect.version)
      this.tell()
      if (this.absence?.cause !== 'unreachable') await this.reporter.report(this.status())
    }
    // Set in the same step as the last check of `isDue`, so that no later call is missed.
    this.isLooking = false
  }

  private async lookOnce(): Promise<void> {
    const { store, node } = this.options
    let head = await store.head()
    if (head.kind === 'nothing') return this.onEmptyStore(head.floor)
    let judgement = this.memory.judge(head)
    if (
      judgement === 'behind' ||
      (judgement === 'follow' && (this.mustOffer || (await this.lacksActive(head))))
    ) {
      const outcome = await store.heal(this.memory.copy()!, node)
      if (outcome.kind !== 'nothing to do') {
        this.log(`the rule store got back what it had lost: ${sentenceOf(outcome)}`)
      }
      head = await store.head()
      if (head.kind === 'nothing') return this.onEmptyStore(head.floor)
      judgement = this.memory.judge(head)
    }
    switch (judgement) {
      case 'another store':
        this.leaveStore(
          judgement,
          // Which of the two it is cannot be told: a store may be known by several URLs, and move.
          `the store (${head.id}) is not the one that this node has followed: it was created again, or the configuration names another`,
        )
        return store.remember(this.memory.floor)
      case 'behind':
        return this.leaveStore(
          'lost',
          'the store has lost versions that this node has, and does not accept them back',
        )
      case 'new store':
        this.preparations.clear()
        this.cache.clear()
        return this.follow(head)
      case 'follow':
        this.mustOffer = false
        return this.follow(head)
    }
  }

  /** Whether the store has lost the active version, which this node has: Redis evicts all texts at once. */
  private async lacksActive({ active }: MadeHead): Promise<boolean> {
    const isKnown = active !== undefined && this.memory.get(active.number)?.sha256 === active.sha256
    return isKnown && !(await this.options.store.has(active.number))
  }

  private async onEmptyStore({ number }: Floor): Promise<void> {
    if (this.memory.isBlank) {
      this.absence = undefined
      this.position = { kind: 'waiting', why: number > 0 ? lostText(number) : nothingPublished }
      return
    }
    const { store, node, restores = false } = this.options
    this.mustOffer = true
    if (restores) {
      const outcome = await store.restore(this.memory.copy()!, node)
      this.log(`the rule store came back empty, and is restored from this node: ${sentenceOf(outcome)}`)
      this.isDue = true
      return
    }
    this.leaveStore(
      'lost',
      'the store came back empty; `presage rules restore` restores it from the copy of this node',
    )
    await store.remember(this.memory.floor)
  }

  private async follow(head: MadeHead): Promise<void> {
    this.absence = undefined
    this.memory.learn(head)
    const { active } = head
    const pin = Object.hasOwn(head.pins, this.options.node) ? head.pins[this.options.node] : undefined
    const target = pin ?? active?.number
    if (target === undefined) {
      this.position = { kind: 'waiting', why: 'no version is active' }
    } else {
      await this.turnTo(target, active, pin !== undefined)
    }
    await this.gather(head, target)
    const copy = this.memory.copy()
    if (copy !== undefined) this.copyFile?.write(copy)
  }

  /** Puts the version that should be in effect into effect, once it may be. */
  private async turnTo(target: number, active: Activation | undefined, isPinned: boolean): Promise<void> {
    const version = await this.cache.get(target)
    if (version === undefined || !this.cache.isPointedTo(version, active)) {
      const why = this.cache.refusalOf(target) ?? lostVersionText(target)
      this.position = { kind: 'behind', target, why }
      return
    }
    const isInEffect = this.effect?.version.number === target && this.effect.version.sha256 === version.sha256
    const waits = active?.kind === 'activate' && !isPinned && this.effect !== undefined
    if (!isInEffect && waits && !this.preparations.isPrepared(target)) {
      this.preparations.ask(version, true)
      const why = this.preparations.problemsOf(target)?.join('; ') ?? `version ${target} is being prepared`
      this.position = { kind: 'behind', target, why }
      return
    }
    if (!isInEffect && !this.putIntoEffect(version)) {
      this.position = { kind: 'behind', target, why: this.cache.refusalOf(target)! }
      return
    }
    this.effect = { version, epoch: active?.epoch ?? 0 }
    this.hasArrived = true
    this.position = isPinned ? { kind: 'pinned', active: active?.number } : { kind: 'current' }
  }

  private putIntoEffect(version: RuleSetVersion): boolean {
    try {
      this.options.activate(version)
      this.cache.accept(version.number)
      return true
    } catch (error) {
      this.cache.refuse(version.number, (error as Error).message)
      return false
    }
  }

  /** Fetches and prepares the versions that may be needed next. */
  private async gather(head: MadeHead, target: number | undefined): Promise<void> {
    const near = [...(target === undefined ? [] : [target]), ...head.trail.slice(-1), ...head.wanted]
    const answering = [head.active?.number, this.effect?.version.number].flatMap((number) => number ?? [])
    const kept = this.memory.numbersToKeep([...near, ...answering])
    const found = await Promise.all([...kept].map((number) => this.cache.get(number)))
    if (head.active !== undefined) this.memory.point(head.active)
    this.memory.forgetAllBut(kept)
    this.preparations.forgetAllBut(kept)
    this.cache.forgetAllBut(kept)
    const isNear = (number: number) => near.includes(number) || number > (head.active?.number ?? 0)
    for (const version of found) if (version && isNear(version.number)) this.preparations.ask(version)
  }

  private serveFromMemory(): void {
    const version = this.memory.toServe(this.options.node).find((one) => this.putIntoEffect(one))
    if (version === undefined) return
    this.effect = { version, epoch: this.memory.floor.epoch }
    const wanted = this.memory.pinOf(this.options.node) ?? this.memory.active?.number
    this.hasArrived = this.absence !== undefined && version.number === wanted
    this.preparations.ask(version, true)
  }

  private leaveStore(cause: StaleCause, why: string): void {
    this.absence = { cause, why }
  }

  private state(): NodeState {
    const { absence, effect, position } = this
    if (absence === undefined) return position
    if (effect === undefined) return { kind: 'waiting', why: absence.why }
    return { kind: 'stale', ...absence }
  }

  /** Notifies listeners if anything has changed, and logs what matters to the operator. */
  private tell(): void {
    if (this.isDisposed) return
    const status = this.status()
    this.tellOperator(status)
    const text = JSON.stringify(status)
    if (text === this.told) return
    this.told = text
    this.changes.fire(status)
  }

  /** What most often passes by itself, such as that nothing is published yet, is told only if it lasts. */
  private tellOperator(status: NodeStatus): void {
    const line = lineOf(status)
    if (line === this.line) return
    this.line = line
    this.cancelLine()
    const passes =
      this.absence === undefined && (status.state.kind === 'waiting' || status.state.kind === 'behind')
    if (passes) this.cancelLine = this.clock.after(lastingMs, () => this.log(line))
    else this.log(line)
  }

  private readCopy(): NodeCopy | undefined {
    const { file } = this.options
    if (file === undefined) return undefined
    try {
      return readNodeCopy(file)
    } catch (error) {
      this.log(`the copy of the rules on disk cannot be used: ${(error as Error).message}`)
      return undefined
    }
  }
}

/** Versions are prepared and published within so long, but for large models. */
const lastingMs = 5_000

function lineOf({ inEffect, state }: NodeStatus): string {
  const serves =
    inEffect === undefined
      ? 'no version is in effect'
      : `version ${inEffect.number} is in effect, epoch ${inEffect.epoch}`
  return `rules: ${serves}, ${'why' in state ? `${state.kind} (${state.why})` : state.kind}`
}
