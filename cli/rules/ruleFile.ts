import { LoadError } from '../../lib/errors'
import { FileWatch } from '../../lib/files/fileWatch'
import { readTextFile } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import { readRuleSet } from '../../routing/apart/readRuleSet'
import type { RuleNode } from '../../routing/node/ruleNode'
import { canonicalJson } from '../../routing/ruleSet/canonicalJson'
import type { KnownNames } from '../../routing/ruleSet/knownNames'
import type { Activation, Head } from '../../routing/store/head'
import { sentenceOf } from '../../routing/store/outcomes'
import { type Publication, sha256Of, type VersionInfo } from '../../routing/store/ruleSetVersion'
import type { RuleStore } from '../../routing/store/ruleStore'
import { fileDifference } from './fileDifference'

export interface RuleFileOptions {
  readonly file: string
  readonly store: RuleStore
  readonly node: RuleNode
  readonly nodeName: string
  readonly knownNames: () => KnownNames
  readonly log: (line: string) => void
}

/** The recorded author of versions from the file. */
export const fileAuthor = 'file'

const retryMs = 500

/**
 * Follows the rule file: publishes a new text, and activates it once the nodes are prepared for it. A version that was
 * activated in another way stays active until the file is edited again.
 *
 *     edited ──> checked ── problems ──> one line each, nothing else happens
 *                   └── as published last ──> nothing; logged if another version is active
 *                   └── published ──> activate, retried until the nodes are prepared ──> active, or another
 *                                                                                        version was activated first
 */
export class RuleFile {
  private watch: FileWatch | undefined
  private isStopped = false
  /** A version from the file that waits for activation, and what was active when it was published. */
  private pending: { readonly number: number; readonly replaces: Activation | undefined } | undefined
  private last: Promise<void> = Promise.resolve()
  private told = ''
  /** The rules that the file had when it was taken last, and the highest version then. */
  private taken: { readonly sha256: string; readonly highest: number } = { sha256: '', highest: 0 }
  /**
   * The text that was refused last, as `take` had it; a model that it names may be added later. `isLate`: it is the first,
   * and the store was away.
   */
  private refused: { readonly text: string; readonly isFirst: boolean; readonly isLate?: boolean } | undefined
  private unsubscribe = () => {}
  private retryTimer: NodeJS.Timeout | undefined

  constructor(private readonly options: RuleFileOptions) {}

  /**
   * Creates the store with the file as its first version, if there is no store and none was lost. If the store cannot be
   * reached, or its disk is full, it is tried again until it can.
   */
  async create(): Promise<void> {
    try {
      await this.createNow()
      this.told = ''
    } catch (error) {
      const { message } = error as Error
      const line = `rules: ${message}`
      if (line !== this.told && message !== this.absence) this.options.log(line)
      this.told = line
      if (!(error instanceof LoadError)) this.tryLater(() => this.create())
    }
  }

  private async createNow(): Promise<void> {
    const { file, store, node, log } = this.options
    const head = await store.head()
    if (head.kind === 'made' || head.floor.number > 0) return
    const outcome = await store.create((await this.read(readTextFile(file))).publication)
    if (outcome.kind === 'created') log(`rules: ${shortPath(file)} is version 1`)
    await node.look()
  }

  /** Publishes the current text if it was edited since the last publication, and from then on every edit. */
  async follow(): Promise<void> {
    const { file, node, log } = this.options
    const text = this.textAtStart()
    if (text !== undefined) await this.take(text, true)
    if (this.isStopped) return
    this.unsubscribe = node.changed(() => this.tryAgain())
    this.watch = new FileWatch({
      file,
      text: text ?? '',
      onChange: (edited) => {
        this.last = this.last.then(() => this.take(edited))
      },
      onRewritten: () => {
        this.last = this.last.then(() => this.takeRefused() ?? this.tellDifference())
      },
      onMissing: ({ message }) => log(`${message}; the rules in effect stay`),
      onFound: () => log(`${shortPath(file)}: can be read again`),
    })
    this.tryAgain()
  }

  /** Logs if the active version differs from the file, and how to change that. `known`: the hash of the file's rules. */
  async tellDifference(known?: string): Promise<void> {
    const { file, store, log } = this.options
    if (this.pending !== undefined || this.isStopped) return
    try {
      const sha256 = known ?? sha256Of((await this.read(readTextFile(file))).publication.text)
      const difference = await fileDifference(store, shortPath(file), sha256)
      if (difference !== undefined) log(`rules: ${difference}`)
    } catch {
      // Checking the file or asking the store reports the problem elsewhere.
    }
  }

  /** Tries a refused text again, since it may be valid now. */
  retry(): void {
    this.last = this.last.then(async () => {
      if (this.refused !== undefined && (await this.isFit(this.refused.text))) await this.takeRefused()
    })
  }

  async stop(): Promise<void> {
    this.isStopped = true
    clearTimeout(this.retryTimer)
    this.watch?.stop()
    this.unsubscribe()
    await this.last
  }

  /** Undefined if it cannot be read, which the watch then tells: as one with mistakes, it ends only who has no rules. */
  private textAtStart(): string | undefined {
    try {
      return readTextFile(this.options.file)
    } catch (error) {
      if (this.options.node.status().inEffect === undefined) throw error
      return undefined
    }
  }

  private async read(
    text: string,
  ): Promise<{ readonly publication: Publication; readonly warnings: readonly string[] }> {
    const { file, knownNames } = this.options
    const name = shortPath(file)
    const warnings: string[] = []
    const ruleSet = await readRuleSet(text, name, knownNames(), (line) => warnings.push(line))
    const { message = `from ${name}` } = ruleSet
    return { publication: { text: canonicalJson(ruleSet), author: fileAuthor, message }, warnings }
  }

  private async isFit(text: string): Promise<boolean> {
    try {
      await readRuleSet(text, '', this.options.knownNames())
      return true
    } catch {
      return false
    }
  }

  /** Undefined if the text of the file was not refused. */
  private takeRefused(): Promise<void> | undefined {
    return this.refused && this.take(this.refused.text, this.refused.isFirst)
  }

  /** `isFirst`: the text that the file has at the start, whose publication may be older than this process. */
  private async take(text: string, isFirst = false): Promise<void> {
    const { file, store, log } = this.options
    const wasRefused = this.refused !== undefined && this.refused.isLate !== true
    this.refused = undefined
    try {
      const { publication, warnings } = await this.read(text)
      const sha256 = sha256Of(publication.text)
      let { head, last } = await this.published(sha256, isFirst)
      if (last?.sha256 !== sha256) {
        await this.waitForTurn()
        ;({ head, last } = await this.published(sha256, isFirst))
      }
      if (this.isStopped) return
      if (last?.sha256 === sha256) {
        this.taken = { sha256, highest: head.kind === 'made' ? head.highest : 0 }
        // An edit that was taken back while it waited for its models.
        if (this.pending?.number !== last.number) this.pending = undefined
        if (wasRefused) log(`${shortPath(file)}: is version ${last.number} again`)
        if (isFirst && isWaiting(last, head)) {
          this.pending = { number: last.number, replaces: head.active }
          await this.activate()
        } else await this.tellDifference(sha256)
        return
      }
      if (head.kind === 'nothing') {
        // At the start the node tells it.
        if (isFirst) return
        this.refused = { text, isFirst }
        log(`${shortPath(file)}: not published: ${sentenceOf({ kind: 'nothing there', floor: head.floor })}`)
        return
      }
      const outcome = await store.publish(publication, { after: head.highest })
      // Perhaps by another process that follows the same file.
      if (outcome.kind === 'overtaken') return this.take(text, isFirst)
      for (const line of warnings) log(`warning: ${line}`)
      if (outcome.kind !== 'published') {
        log(`${shortPath(file)}: not published: ${sentenceOf(outcome)}`)
        return
      }
      this.taken = { sha256, highest: outcome.version.number }
      log(`rules: ${shortPath(file)} is published as version ${outcome.version.number}`)
      this.pending = { number: outcome.version.number, replaces: head.active }
      await this.activate()
    } catch (error) {
      const isAway = !(error instanceof LoadError)
      this.refused = { text, isFirst, isLate: isFirst && isAway }
      const problems = isAway ? [(error as Error).message] : error.problems
      for (const problem of problems) if (problem !== this.absence) log(problem)
      const { pending } = this
      const waiting = pending ? `, and the earlier version ${pending.number} still waits to take effect` : ''
      const next = isFirst
        ? '; it is tried again when the store can be used'
        : '; save it again when the store can be used'
      log(`${shortPath(file)}: not published; the rules in effect stay${waiting}${isAway ? next : ''}`)
    }
  }

  /**
   * The version that the file was published as last. A command may have published it: then it is active or, at the start,
   * when the file has not just been edited, any one. It may have been active until a rollback. An edit may bring back the
   * text of an old version, so only another process that has seen the same edit can have published it.
   */
  private async published(
    sha256: string,
    isFirst: boolean,
  ): Promise<{ readonly head: Head; readonly last: VersionInfo | undefined }> {
    const { store } = this.options
    const head = await store.head()
    const history = await store.history()
    const { number: active = 0 } = head.active ?? {}
    const isSame = (one: VersionInfo) => one.sha256 === sha256
    const isEdit = !isFirst && sha256 !== this.taken.sha256
    const last =
      history.find((one) => one.number === active && isSame(one)) ??
      history.find((one) => {
        if (isEdit && one.number <= this.taken.highest) return false
        return one.author === fileAuthor || (isFirst && isSame(one))
      })
    return { head, last }
  }

  /** Several processes may follow one file, and one of them publishes: the first by name, unless it is too slow. */
  private async waitForTurn(): Promise<void> {
    const { store, nodeName } = this.options
    const names = (await store.leases()).map(({ node }) => node)
    const place = Math.max(0, names.indexOf(nodeName))
    if (place > 0) await new Promise((resolve) => setTimeout(resolve, Math.min(place, 10) * 200).unref())
  }

  /** What the node has told of a store that it cannot use. */
  private get absence(): string | undefined {
    const { state, silence } = this.options.node.status()
    return state.kind === 'stale' || state.kind === 'waiting' ? state.why : silence
  }

  private tryAgain(): void {
    if (this.refused?.isLate && this.absence === undefined) {
      this.last = this.last.then(() => this.takeRefused())
    }
    if (this.pending === undefined) return
    this.last = this.last.then(() => this.activate())
  }

  private async activate(): Promise<void> {
    const { store, node, log } = this.options
    if (this.pending === undefined || this.isStopped) return
    const { number, replaces } = this.pending
    try {
      const outcome = await store.activate(number, { expected: replaces?.number ?? null, by: fileAuthor })
      if (outcome.kind === 'not prepared') {
        const reasons = outcome.missing.flatMap(({ node: name, problems }) =>
          problems.map((problem) => `${name}: ${problem}`),
        )
        this.wait(number, reasons.join('; '))
        return
      }
      // Another process that follows the same file may have activated it.
      const isActive = outcome.kind === 'activated' || (await store.head()).active?.number === number
      this.pending = undefined
      this.told = ''
      if (!isActive) log(`rules: version ${number} from the file: ${sentenceOf(outcome)}`)
      else if (replaces !== undefined && replaces.by !== fileAuthor) {
        const { number: before, kind, by } = replaces
        log(`rules: version ${number} from the file replaces version ${before} (${kind} by ${by})`)
      }
      await node.look()
    } catch (error) {
      this.wait(number, (error as Error).message)
    }
  }

  /** Tries the pending version again later, and tells once why it waits. */
  private wait(number: number, why: string): void {
    const line = `rules: version ${number} waits: ${why}`
    if (why !== '' && line !== this.told) this.options.log(line)
    this.told = line
    this.tryLater(() => this.activate())
  }

  /** This node reports only its own preparation; whether other nodes are prepared shows only on the next attempt. */
  private tryLater(act: () => Promise<void>): void {
    clearTimeout(this.retryTimer)
    if (this.isStopped) return
    this.retryTimer = setTimeout(() => {
      this.last = this.last.then(act)
    }, retryMs).unref()
  }
}

/**
 * Whether a version of the file's text has never taken effect, and nothing else has since it was published: the process
 * ended before its models were ready, or the file was edited to what a command had published.
 */
function isWaiting({ number, time }: VersionInfo, head: Head): boolean {
  if (head.kind === 'nothing' || head.active === undefined) return false
  const { active, activations } = head
  if (active.number > number || active.time > time) return false
  return activations.every((one) => one.number !== number)
}
