import { existsSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import type { OperationGateway } from '../../gateway/operations/operationGateway'
import type { HttpServer } from '../../gateway/server/httpServer'
import {
  createReplaceableGateway,
  type ReplaceableGateway,
} from '../../gateway/supergraph/replaceableGateway'
import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import type { PlatformServices } from '../../platform/services'
import type { SubgraphSource } from '../../schema/sdl/subgraphSources'
import type { PrometheusMetrics } from '../../telemetry/prometheus'
import type { Address } from '../config/address'
import { type Config, loadConfig } from '../config/config'
import { createDeploymentGateway } from '../deployment/createDeploymentGateway'
import { openHttpServer, readServerFiles, type ServerFiles } from '../deployment/openHttpServer'
import { modelActions } from '../deployment/reloadAction'
import { routeAction, routePath } from '../deployment/routeAction'
import { type Runtime, startRuntime } from '../deployment/startRuntime'
import { loadDeploymentSources } from '../graph/deploymentSources'
import { checkSubgraphs, composeGraph, type Graph, loadGraph } from '../graph/graph'
import type { ResolversBySubgraph } from '../graph/subgraphResolvers'
import { nodePlace } from '../rules/openStore'
import { ChangeQueue, type Step } from './changeQueue'
import { FollowedFiles } from './followedFiles'
import { placesInRules } from './placesInRules'
import { ProjectResolvers } from './projectResolvers'
import { type Look, ProjectSaves } from './projectSaves'
import { settingsFiles } from './settingsFiles'
import { ToldLines } from './toldLines'
import { comingRules, versionsInUse } from './versionsInUse'

export interface DevOptions {
  readonly file: string
  readonly address: Address
  /** Where the process measures, through all generations. */
  readonly metrics: PrometheusMetrics
  readonly log: (line: string) => void
  /** Called with every graph just before it is served. */
  readonly onGraph: (config: Config, graph: Graph) => void
}

/** Everything that serves one reading of the configuration. */
interface Generation {
  readonly config: Config
  readonly serverFiles: ServerFiles
  readonly runtime: Runtime<ResolversBySubgraph, Graph>
}

/**
 * A deployment that follows its files.
 *
 *     file changes ──> read again ──> checked ── problems ──> logged; the previous state keeps serving
 *                                        └──────────────────> new requests use it; requests in flight end on the old state
 *
 * A changed schema or resolver needs a new graph, on the same workers, models and rules. A changed objective, or
 * changed files of a version that is ready, needs a new runtime beside the old one. A changed presage.yaml, or a file of
 * keys or documents that it names, also needs a new HTTP server.
 */
export class DevDeployment {
  private readonly changes: ChangeQueue
  private readonly files = new FollowedFiles((file) => this.changed(file))
  private readonly projectResolvers = new ProjectResolvers()
  private readonly told = new ToldLines()
  private readonly saves = new ProjectSaves(() => this.writtenPaths())
  private generation!: Generation
  private gateway!: ReplaceableGateway
  private server!: HttpServer
  private graph!: Graph
  private resolvers!: ResolversBySubgraph
  private sources: readonly SubgraphSource[] = []
  /** The configuration that was read last, even if something that it names is wrong. */
  private lastRead: Config | undefined
  /** Aborted when another attempt begins. */
  private waiting = new AbortController()
  private beginAgain = () => {}
  /** Settles when every version was ready or refused at the start. */
  loaded!: Promise<void>
  /** Settles when the previous runtime has ended. */
  private leaving: Promise<void> = Promise.resolve()
  private endLinger = () => {}
  private isClosed = false
  /** Unless another process took the address while the server was replaced. */
  private isListening = true
  /** How many runtimes were started. */
  private runtimes = 0
  private servingNumber = 0
  /** How often another runtime has taken over. */
  private takeovers = 0

  private constructor(private readonly options: DevOptions) {
    this.changes = new ChangeQueue({
      serve: (step) => this.take(step),
      isServing: () => this.isListening,
      log: options.log,
    })
  }

  /** Waits for a project without mistakes. Rejects with a LoadError without a configuration or a free address. */
  static async start(options: DevOptions): Promise<DevDeployment> {
    const deployment = new DevDeployment(options)
    await deployment.begin()
    return deployment
  }

  get url(): string {
    return `${this.server.url}/graphql`
  }

  get pageUrl(): string {
    return this.server.url
  }

  get adminUrl(): string | undefined {
    return this.server.adminUrl
  }

  get config(): Config {
    return this.generation.config
  }

  versions() {
    return this.generation.runtime.serving.registry.list()
  }

  reload(): void {
    this.changes.add('config')
  }

  /** Finishes the requests in flight, then ends the server and the workers. */
  async close(): Promise<void> {
    this.isClosed = true
    this.endLinger()
    this.files.stop()
    this.waiting.abort()
    this.projectResolvers.giveUp()
    await this.changes.close()
    await this.server.close()
    this.endLinger()
    await Promise.all([this.generation.runtime.dispose(), this.leaving])
  }

  private async begin(): Promise<void> {
    const runtime = await this.firstGeneration()
    try {
      this.server = await this.openHttpServer()
    } catch (error) {
      await runtime.dispose()
      throw error
    }
    this.loaded = runtime.load()
    this.follow()
  }

  /** Reads the project. As long as it has a mistake, shows it and waits for a save. */
  private async firstGeneration(): Promise<Generation['runtime']> {
    const { file, log } = this.options
    // Without a configuration, this is probably another folder: perhaps a large one, and not to be watched.
    if (!existsSync(file)) return this.tryFirstGeneration()
    for (let isNews = true; ; ) {
      // Before it is read, or a save just after the message would count as seen.
      this.waiting.abort()
      const seen = await this.saves.look([this.folder])
      const followed = new Promise<boolean>((resolve) => {
        this.beginAgain = () => resolve(true)
      })
      try {
        return await this.tryFirstGeneration()
      } catch (error) {
        if (!(error instanceof LoadError)) throw error
        const isSame = this.saves.isAsBefore(textOf(error))
        const saved = await this.savesAfter(seen)
        if (error.problems.length > 0 && (isNews || !isSame)) {
          for (const line of error.problems) log(line)
          log('nothing is served yet; save a correction to go on')
        }
        isNews = await Promise.race([followed, saved().then(() => false)])
        this.projectResolvers.forgetModules()
      }
    }
  }

  /**
   * What waits until something is saved after a failed attempt: in the project since it was `seen`, or from now on where
   * the attempt has read. What the attempt named is followed as well. A file that fails to load may have led to others
   * that do not exist yet, so no list of files would be enough.
   */
  private async savesAfter(seen: Look): Promise<() => Promise<void>> {
    this.waiting = new AbortController()
    const { signal } = this.waiting
    this.files.followToo(this.namedFiles())
    const { graph, repositories = [] } = this.lastRead ?? {}
    const others = new Set([...repositories, ...(graph ? [dirname(graph.subgraphs)] : [])])
    others.delete(this.folder)
    const first = new Map([...(await this.saves.look([...others])), ...seen])
    return () => this.saves.next([this.folder, ...others], first, signal)
  }

  private get folder(): string {
    return dirname(resolve(this.options.file))
  }

  private async tryFirstGeneration(): Promise<Generation['runtime']> {
    const { config, serverFiles } = this.readConfig()
    const runtime = await this.startRuntime(config)
    try {
      this.options.onGraph(config, this.graph)
      this.gateway = createReplaceableGateway(this.createGateway(config, runtime))
      this.generation = { config, serverFiles, runtime }
      return runtime
    } catch (error) {
      await runtime.dispose()
      throw error
    }
  }

  private changed(file: string): void {
    const isStarted = this.generation !== undefined
    const isRules = isStarted && file === this.config.rules
    if (!isRules) this.projectResolvers.giveUp()
    if (!isStarted) this.beginAgain()
    // The runtime takes rules up by itself, unless what it does not serve yet is what they need.
    else if (isRules) this.changes.retry('runtime')
    else this.changes.add(this.stepFor(file), shortPath(file))
  }

  private stepFor(file: string): Step {
    if (settingsFiles(this.config).includes(file)) return 'config'
    return this.graphFiles().includes(file) ? 'graph' : 'resolvers'
  }

  private async take(step: Step): Promise<void> {
    this.waiting.abort()
    const seen = await this.saves.look([this.folder])
    try {
      if (step === 'graph' || step === 'resolvers') await this.takeGraph(step === 'resolvers')
      else await this.takeRuntime(step === 'config')
      this.follow()
    } catch (error) {
      this.saves.isAsBefore(textOf(error))
      // Before the problems are told, or a save just after the message would count as seen.
      const saved = await this.savesAfter(seen)
      if (!this.isClosed) void saved().then(() => this.changes.retry('config'))
      // That the address is free again is no save.
      if (!this.isListening) setTimeout(() => this.changes.retry('config'), listenAgainMs)
      throw error
    }
  }

  /** Runs in pieces, so that requests are answered in between. */
  private async takeGraph(hasOtherModules: boolean): Promise<void> {
    const { config, runtime } = this.generation
    const sources = loadDeploymentSources(config)
    this.sources = sources
    if (hasOtherModules || !isSameList(sources, this.graph.sources)) {
      // Also for another list: a module that failed to load would fail again.
      this.projectResolvers.forgetModules()
      this.resolvers = await this.createResolvers(config, runtime.services)
    }
    const { ruleSet, sha256 } = runtime.serving.rules.current()
    const placeInRules = placesInRules(config.rules, sha256)
    const known = { repository: runtime.repository, ruleSet, placeInRules }
    await turn()
    const checked = checkSubgraphs(config, this.resolvers, sources, known)
    await turn()
    const graph = composeGraph(config, checked)
    await turn()
    // The rules may have changed meanwhile, to a version that does not fit this graph.
    if (runtime.serving.rules.current().ruleSet !== ruleSet) return this.takeGraph(false)
    for (const line of this.told.news(graph.report)) this.changes.log(line)
    this.graph = graph
    this.options.onGraph(config, graph)
    this.serve(this.createGateway(config, runtime))
    runtime.adopt(graph)
  }

  private async takeRuntime(hasOtherConfig: boolean): Promise<void> {
    await this.previousLeft()
    const old = this.generation
    const { config, serverFiles } = hasOtherConfig ? this.readConfig() : old
    this.projectResolvers.forgetModules()
    const before = { graph: this.graph, resolvers: this.resolvers }
    let runtime: Generation['runtime'] | undefined
    let ended: Promise<void>
    try {
      runtime = await this.startRuntime(config)
      await runtime.load()
      await requireReady(old.runtime, runtime)
      this.options.onGraph(config, this.graph)
      const gateway = this.createGateway(config, runtime)
      const next = { config, serverFiles, runtime }
      ended = this.server.ended()
      if (hasOtherConfig) await this.openAnew(next, gateway, before)
      else {
        this.generation = next
        this.serve(gateway)
      }
      this.servingNumber = this.runtimes
      this.takeovers++
    } catch (error) {
      Object.assign(this, before)
      await runtime?.dispose()
      throw error
    }
    this.leaving = this.giveUp(old.runtime, ended)
  }

  private readConfig(): Pick<Generation, 'config' | 'serverFiles'> {
    const { file, address } = this.options
    const config = devConfig(loadConfig(file), address.host)
    this.lastRead = config
    return { config, serverFiles: readServerFiles(config, config.server.host) }
  }

  /** Serves new requests. Those in flight end on the previous gateway, whose connections close once they are idle. */
  private serve(gateway: OperationGateway): void {
    const before = this.gateway.current
    this.gateway.replace(gateway)
    void before.stop?.()
  }

  /**
   * Settles when the runtime before the one that serves has ended, because at most two exist at a time. As at a shutdown,
   * requests that are in flight on it may take no longer than the grace period.
   */
  private async previousLeft(): Promise<void> {
    const cut = setTimeout(this.endLinger, this.config.server.grace)
    await this.leaving
    clearTimeout(cut)
  }

  /** Ends an old runtime once every request that began on it has `ended`. */
  private async giveUp(runtime: Generation['runtime'], ended: Promise<void>): Promise<void> {
    await new Promise<void>((resolve) => {
      this.endLinger = resolve
      void ended.then(() => setTimeout(resolve, lingerMs).unref())
      if (this.isClosed) resolve()
    })
    await runtime.dispose()
  }

  /** Opens another HTTP server, which reads its settings once. If it cannot, the previous state is served again. */
  private async openAnew(
    next: Generation,
    gateway: OperationGateway,
    before: { readonly graph: Graph; readonly resolvers: ResolversBySubgraph },
  ): Promise<void> {
    const old = this.generation
    // This stops the gateway as well.
    await this.server.close()
    this.isListening = false
    this.generation = next
    this.gateway.replace(gateway)
    try {
      this.server = await this.openHttpServer()
    } catch (error) {
      Object.assign(this, before)
      this.generation = old
      this.gateway.replace(this.createGateway(old.config, old.runtime))
      this.server = await this.openHttpServer()
      this.isListening = true
      throw error
    }
    this.isListening = true
  }

  private async startRuntime(config: Config): Promise<Generation['runtime']> {
    const { address } = this.options
    const number = ++this.runtimes
    // While two runtimes serve, the rules have two nodes. Alternating between two names is enough, whatever has failed.
    const name = this.generation !== undefined && this.takeovers % 2 === 0 ? 'dev-next' : 'dev'
    const runtime = await startRuntime(config, {
      read: async (services) => {
        this.sources = loadDeploymentSources(config)
        this.resolvers = await this.createResolvers(config, services)
        this.graph = loadGraph(config, this.resolvers, this.sources)
        const report = this.told.news(this.graph.report)
        return { graph: { ...this.graph, report }, resolvers: this.resolvers }
      },
      metrics: this.options.metrics,
      place: nodePlace(config.ruleStore, name, address.port ?? config.server.port),
      // One that is leaving still follows the files, and would log everything twice.
      log: (line) => {
        if (number < this.servingNumber) return
        this.told.add(line)
        this.changes.log(line)
      },
      onOutdated: (what) => this.changes.add('runtime', what),
      quietMs: modelQuietMs,
    })
    runtime.repositoryChanged(() => this.changes.retry('runtime'))
    // A new runtime changes what this node sees, which would cause endless retries. Other rules it does not bring.
    let rules: number | undefined
    runtime.rules.node.changed(({ inEffect }) => {
      this.changes.retry(inEffect?.number === rules ? 'resolvers' : 'config')
      rules = inEffect?.number
    })
    return runtime
  }

  private createGateway(config: Config, { serving }: Generation['runtime']) {
    return createDeploymentGateway(config, this.graph, this.resolvers, serving, this.options.metrics)
  }

  private openHttpServer(): Promise<HttpServer> {
    const runtime = () => this.generation.runtime
    const { address } = this.options
    const { config, serverFiles } = this.generation
    // The port that was free at first stays, because clients use it.
    const port = (address.port ?? config.server.port) || this.server?.port
    return openHttpServer(
      config,
      { ...address, ...(port !== undefined && { port }) },
      {
        gateway: this.gateway,
        metrics: this.options.metrics,
        actions: new Map([[routePath, (...asked) => routeAction(runtime().resolveRoute)(...asked)]]),
        adminActions: modelActions(config, address, () => runtime().reload()),
        readiness: () => runtime().readiness(),
      },
      serverFiles,
    )
  }

  /** A save while they load, however long that takes, gives this up. */
  private async createResolvers(
    config: Config,
    services: () => PlatformServices,
  ): Promise<ResolversBySubgraph> {
    if (this.isClosed) throw new LoadError([])
    const follow = () => this.files.followToo(this.namedFiles())
    follow()
    const late = setTimeout(follow, slowLoadMs)
    try {
      return await this.projectResolvers.create(config, this.sources, services)
    } finally {
      clearTimeout(late)
      // What is saved from now on was not read, also that of modules that are imported for the first time.
      follow()
    }
  }

  private follow(): void {
    this.files.follow(this.namedFiles())
  }

  /** All files that the last attempt has named or imported. */
  private namedFiles(): readonly string[] {
    const config = this.lastRead
    if (config === undefined) return [resolve(this.options.file)]
    const resolvers = this.projectResolvers.files(config, this.sources)
    return [config.rules, ...settingsFiles(config), ...this.graphFiles(config), ...resolvers]
  }

  /** What a process writes by itself. */
  private writtenPaths(): readonly string[] {
    if (this.lastRead === undefined) return []
    const { graph, ruleStore, exposures } = this.lastRead
    const { place, copies, audit } = ruleStore
    const store = place.kind === 'files' ? [place.folder] : []
    return [graph.supergraph, graph.planLock, ...store, copies, audit, ...(exposures ? [exposures.file] : [])]
  }

  private graphFiles(config = this.config): readonly string[] {
    return [config.graph.subgraphs, ...this.sources.map(({ file }) => file)]
  }
}

/** Modules that are still loading then probably wait for something that does not come. */
const slowLoadMs = 500

function textOf(error: unknown): string {
  return error instanceof LoadError ? error.problems.join('\n') : String(error)
}

/** Lets everything that waits in the event loop run first, and what follows from it. */
async function turn(): Promise<void> {
  for (let n = 0; n < 4; n++) await new Promise((resolve) => setImmediate(resolve))
}

const lingerMs = 500
const listenAgainMs = 1_000

/** Shorter than usual, since the files are edited on this machine. */
const modelQuietMs = 300
/** How often to check the repositories' folders: the system reports no changes within files of a version. */
const modelPollMs = 500

/**
 * Lets pages of this machine ask, with many new operations: a change makes all new. Tells mistakes of models soon.
 * `host` is the command's.
 */
function devConfig(config: Config, host = config.server.host): Config {
  const { server, limits, models } = config
  const cors = { origins: [...server.cors.origins, 'localhost'] }
  return {
    ...config,
    server: { ...server, host, cors },
    limits: { ...limits, newOperations: 1_000_000 },
    models: { ...models, poll: Math.min(models.poll, modelPollMs) },
  }
}

function isSameList(a: readonly SubgraphSource[], b: readonly SubgraphSource[]): boolean {
  const list = (sources: readonly SubgraphSource[]) =>
    JSON.stringify(sources.map(({ name, file }) => [name, file]))
  return list(a) === list(b)
}

/** An edit must not take away a version that is in service and in use. */
async function requireReady(old: Generation['runtime'], next: Generation['runtime']): Promise<void> {
  const { registry, rules } = next.serving
  const isInUse = versionsInUse(next.fields, await comingRules(next.rules.store, rules.current().ruleSet))
  const lost = registry.list().flatMap((version) => {
    const { key, state } = version
    const isLost = state.is === 'refused' && old.serving.registry.get(key)?.state.is === 'ready'
    return isLost && isInUse(version) ? [`${key} is not ready: ${state.reason}`] : []
  })
  if (lost.length > 0) throw new LoadError(lost)
}
