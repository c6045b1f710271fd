import { availableParallelism } from 'node:os'
import { Command, InvalidArgumentError, Option } from 'commander'
import { LoadError, show } from '../lib/errors'
import type { CheckContractsOptions } from './commands/checkContracts'
import type { ComposeOptions } from './commands/compose'
import type { GatewayCommand } from './commands/gateway'
import type { InitOptions } from './commands/init'
import type { ReloadCommand } from './commands/reloadModels'
import type { ValidateOptions } from './commands/rulesValidate'
import type { Address } from './config/address'
import { type Config, loadConfig } from './config/config'
import { templates } from './init/templates'
import { addModelCommands, addObjectiveCommands } from './modelCommands/commands'
import { addNewModel } from './newModel/command'
import { member } from './processes/member'
import type { ProxySyncOptions } from './proxy/proxySync'
import { addRuleCommands } from './ruleCommands/commands'
import type { WithRuntime } from './runtime/ensureRuntime'
import { type JsonOption, json } from './terminal/printResult'
import type { WorkerAddress } from './worker/startInference'

// Each command loads its own modules, so that the modules of other commands take no memory in a server.
const load = {
  ensureRuntime: () => require('./runtime/ensureRuntime') as typeof import('./runtime/ensureRuntime'),
  startProcesses: () => require('./processes/processGroup') as typeof import('./processes/processGroup'),
  init: () => require('./commands/init') as typeof import('./commands/init'),
  start: () => require('./commands/start') as typeof import('./commands/start'),
  dev: () => require('./commands/dev') as typeof import('./commands/dev'),
  gateway: () => require('./commands/gateway') as typeof import('./commands/gateway'),
  subgraph: () => require('./commands/subgraph') as typeof import('./commands/subgraph'),
  worker: () => require('./commands/worker') as typeof import('./commands/worker'),
  proxySync: () => require('./proxy/proxySync') as typeof import('./proxy/proxySync'),
  compose: () => require('./commands/compose') as typeof import('./commands/compose'),
  printSchema: () => require('./commands/printSchema') as typeof import('./commands/printSchema'),
  checkContracts: () => require('./commands/checkContracts') as typeof import('./commands/checkContracts'),
  reloadModels: () => require('./commands/reloadModels') as typeof import('./commands/reloadModels'),
  checkModels: () => require('./commands/checkModels') as typeof import('./commands/checkModels'),
  shardStatus: () => require('./shardCommands/shardStatus') as typeof import('./shardCommands/shardStatus'),
  rulesTest: () => require('./commands/rulesTest') as typeof import('./commands/rulesTest'),
  rulesValidate: () => require('./commands/rulesValidate') as typeof import('./commands/rulesValidate'),
  doctor: () => require('./commands/doctor') as typeof import('./commands/doctor'),
  installRuntime: () => require('./commands/installRuntime') as typeof import('./commands/installRuntime'),
  writeJsonSchemas: () =>
    require('./commands/writeJsonSchemas') as typeof import('./commands/writeJsonSchemas'),
  systemProblem: () => require('./process/systemProblem') as typeof import('./process/systemProblem'),
  printProblems: () => require('./terminal/printProblems') as typeof import('./terminal/printProblems'),
}

/** What the command line may be, and what runs it. */
export const program = new Command('presage')
  .description('Machine-learned predictions as typed fields of a federated GraphQL graph')
  .usage('<command> [options]')
  .option('-c, --config <file>', 'the configuration file', 'presage.yaml')
  .option('-v, --version', 'print the version')
  .on('option:version', printVersion)
  .configureOutput({ outputError: tellMisuse })
  .addHelpText('after', examples())
  .addHelpCommand(
    new Command('help').argument('[command]').description('show the help of a command').helpGroup('Setup:'),
  )

const host = [
  '--host <address>',
  'the address to listen on (default: server.host of the configuration)',
  parseHost,
] as const

const config = () => loadConfig(program.opts<{ config: string }>().config)

/** For commands that need no configuration: the default file may be missing, but not a file that the user names. */
const optionalConfig = () =>
  loadConfig(program.opts<{ config: string }>().config, {
    optional: program.getOptionValueSource('config') === 'default',
  })

/** Runs a command whose modules load ONNX Runtime, once its settings are read. */
const withRuntime: WithRuntime = (settings, run) => {
  load.ensureRuntime().ensureRuntime()
  return run(settings)
}

const listening = <A extends Address>(options: A) =>
  options.port === undefined ? { ...options, port: portOfEnvironment(), portVariable: 'PORT' } : options

program.commandsGroup('Begin:')

program
  .command('init [name]')
  .description('create a working project in a new folder')
  .addOption(
    new Option('-t, --template <name>', 'the template to start from (default: minimal)').choices(
      Object.keys(templates),
    ),
  )
  .option('-y, --yes', 'ask nothing')
  .option('--no-install', 'do not run npm install')
  .option(
    '--presage <spec>',
    'the presage package to depend on, as for npm install (default: the running one)',
  )
  .action((name: string | undefined, options: InitOptions) => load.init().init(name, options))

program.commandsGroup('Serve:')

withProcesses(withAddress(program.command('start')))
  .description('serve the whole graph')
  .option(...host)
  .action(({ host, ...options }: Address & Processes) => {
    const written = config()
    const settings = host === undefined ? written : { ...written, server: { ...written.server, host } }
    if (runsProcesses(settings, options)) return
    return withRuntime(settings, () => load.start().start(settings, listening(options)))
  })

withAddress(program.command('dev'))
  .description('start, and apply every change when it is saved')
  .option(...host)
  .action((options: Address) => {
    const { config } = program.opts<{ config: string }>()
    return withRuntime(config, (file) => load.dev().dev(file, listening(options)))
  })

withProcesses(withAddress(program.command('gateway')))
  .description('serve a supergraph whose subgraphs run elsewhere')
  .option(
    '-s, --supergraph <file>',
    'the composed supergraph (default: graph.supergraph of the configuration)',
  )
  .option(...host)
  .action((options: GatewayCommand & Processes) => {
    const settings = optionalConfig()
    if (runsProcesses(settings, options)) return
    return load.gateway().gateway(settings, listening(options))
  })

withAddress(program.command('subgraph <name>'))
  .description('serve one subgraph, for a gateway elsewhere')
  .option(...host)
  .action((name: string, options: Address) =>
    withRuntime(config(), (settings) => load.subgraph().subgraph(settings, name, listening(options))),
  )

withAdminAddress(program.command('worker'))
  .description('serve a shard for other machines')
  .option('-s, --shard <name>', 'the shard of the configuration (default: its only one)')
  .option(
    '--host <address>',
    'the address to listen on (default: worker.http.host and worker.grpc.host of the configuration)',
    parseHost,
  )
  .addOption(
    // Without it, the nearest option would be suggested, which is --host.
    new Option('-p, --port <number>').hideHelp().argParser(() => {
      throw new InvalidArgumentError('A worker has two ports: --http-port and --grpc-port.')
    }),
  )
  .option(
    '--http-port <number>',
    'the port for HTTP (default: worker.http.port of the configuration)',
    parsePort,
  )
  .option(
    '--grpc-port <number>',
    'the port for gRPC (default: worker.grpc.port of the configuration)',
    parsePort,
  )
  .action(({ shard, ...address }: WorkerAddress & { shard?: string }) =>
    withRuntime(config(), (settings) => load.worker().worker(settings, shard, address)),
  )

program
  .command('proxy')
  .description('tell Envoy where the workers of shards are')
  .command('sync')
  .description(
    'write the shards that run elsewhere as files that Envoy follows, again whenever their servers change',
  )
  .requiredOption('--out <folder>', 'the folder for the files, as Envoy sees it too')
  .option('--once', 'write them once and end; fail if the servers of a shard are not known')
  .option('--json', 'print JSON, with --once')
  .action((options: ProxySyncOptions) => load.proxySync().proxySync(config(), options))

program.commandsGroup('Schemas:')

program
  .command('compose')
  .description('build the supergraph from the subgraphs')
  .option('--check', 'write nothing; fail if the files are out of date')
  .option('--refresh', 'fetch the schema of each subgraph_url again')
  .option(...json)
  .action((options: ComposeOptions) => load.compose().compose(config(), options))

program
  .command('schema')
  .description('show schemas')
  .command('print [subgraph]')
  .description(
    "print a subgraph's full SDL, with the definition of @predict, for other tools; without a name, the schema for clients",
  )
  .action((subgraph: string | undefined) => load.printSchema().printSchema(config(), subgraph))

program.commandsGroup('Models and rules:')

const objectives = program.command('objectives').description('show and check objectives')
addObjectiveCommands(objectives, optionalConfig)

objectives
  .command('check')
  .description('compare each objective with its last committed version; fail on a breaking change')
  .option(
    '--base <revision>',
    'compare with the commit in which the branch left this revision, such as origin/main',
  )
  .option(...json)
  .action((options: CheckContractsOptions) => load.checkContracts().checkContracts(optionalConfig(), options))

const models = program.command('models').description('show, run, check, reload and create models')
addModelCommands(models, optionalConfig, withRuntime)
addNewModel(models, optionalConfig, withRuntime)

models
  .command('reload')
  .description('make a running process check its repositories now, and print what changed')
  .option(
    '--url <url>',
    "address of the operators' pages (default: server.admin of the configuration, else server)",
  )
  .option('--token <token>', "an operator's token (default: PRESAGE_TOKEN)")
  .option(...json)
  .action((options: ReloadCommand) => load.reloadModels().reloadModels(optionalConfig(), options))

models
  .command('check')
  .description('load every model version once, with its golden cases; fail if one is not fit to serve')
  .option(...json)
  .action((options: JsonOption) =>
    withRuntime(optionalConfig(), (settings) => load.checkModels().checkModels(settings, options)),
  )

program
  .command('shards')
  .description('show the servers of shards that run elsewhere')
  .command('status [shard]')
  .description(
    'ask each server whether it is ready, how loaded it is, and what it holds; fail if one is not ready',
  )
  .option(...json)
  .action((shard: string | undefined, options: JsonOption) =>
    load.shardStatus().shardStatus(config(), shard, options),
  )

const rules = program.command('rules').description('check, publish, activate and explain rules')
addRuleCommands(rules, config)

rules
  .command('test <files...>')
  .description('run files of routing cases, print what differs, and fail if anything differs')
  .option(...json)
  .action((files: string[], options: JsonOption) =>
    load.rulesTest().rulesTest(optionalConfig, files, options),
  )

rules
  .command('validate [file]')
  .description(
    "check a rule file (default: the configuration's) against the deployment; fail if it would be refused",
  )
  .option('--strict', 'fail on warnings too')
  .option(...json)
  .action((file: string | undefined, options: ValidateOptions) =>
    load.rulesValidate().rulesValidate(optionalConfig(), file, options),
  )

program.commandsGroup('Setup:')

program
  .command('doctor')
  .description('check everything that presage start needs')
  .option(...json)
  .action((options: JsonOption) => load.doctor().doctor(program.opts<{ config: string }>().config, options))

program
  .command('install-runtime')
  .description('install ONNX Runtime with npm if it is missing')
  .option(...json)
  .action((options: JsonOption) => load.installRuntime().installRuntime(options))

program
  .command('json-schemas')
  .description('write the JSON Schemas for editors')
  .option('--check', 'write nothing; fail if the files are out of date')
  .option(...json)
  .action((options: JsonOption & { check?: boolean }) => load.writeJsonSchemas().writeJsonSchemas(options))

/** Says why a command failed. False if that is nothing that its user can mend. */
export function tellFailure(error: unknown): boolean {
  const told = error instanceof LoadError ? error : load.systemProblem().systemProblem(error)
  if (told === undefined) return false
  load.printProblems().printProblems(told, process.argv.includes('--json'))
  return true
}

/** A command line that is invalid fails as a command does, also for programs. */
function tellMisuse(text: string, write: (text: string) => void): void {
  write(text)
  if (!process.argv.includes('--json')) return
  load.printProblems().printJsonProblems([
    text
      .trim()
      .replace(/^error: /, '')
      .replace('\n', ' '),
  ])
}

function printVersion(): void {
  const { packageVersion }: typeof import('../lib/packagePaths') = require('../lib/packagePaths')
  console.log(packageVersion())
  process.exit(0)
}

function examples(): string {
  return `
Examples:
  presage start --port 8080                  serve what presage.yaml describes
  presage compose                            after a change of a schema
  presage rules validate rules.yaml          before it is published
  presage rules explain PREDICT_RATING --context country=DE
  presage doctor                             when something does not work

To see the options of a command, use --help: presage rules publish --help`
}

/** Adds the options of every command that listens. */
function withAddress(command: Command): Command {
  return withAdminAddress(
    command.option(
      '-p, --port <number>',
      'the port to listen on (default: PORT, else server.port of the configuration)',
      parsePort,
    ),
  )
}

interface Processes {
  readonly processes?: number
}

/** Adds the option of every command that may serve with several processes. */
function withProcesses(command: Command): Command {
  return command.option(
    '--processes <number>',
    'how many processes serve, or auto: one per core (default: server.processes of the configuration, else 1)',
    parseProcesses,
  )
}

function parseProcesses(text: string): number {
  const count = text === 'auto' ? availableParallelism() : Number(text)
  if (text.trim() !== '' && Number.isInteger(count) && count > 0) return count
  throw new InvalidArgumentError(`must be auto or a whole number from 1 on, got ${text}`)
}

/** If several processes are asked for and this is none of them, starts them and returns true. */
function runsProcesses({ server }: Config, { processes = server.processes }: Processes): boolean {
  if (processes === 1 || member !== undefined) return false
  void load
    .startProcesses()
    .startProcesses({ count: processes, graceMs: server.grace, log: (line) => console.error(line) })
  return true
}

function withAdminAddress(command: Command): Command {
  return command
    .option(
      '--admin-port <number>',
      'the port for metrics, health and reloads (default: server.admin.port of the configuration)',
      parsePort,
    )
    .option(
      '--admin-host <address>',
      'the address for --admin-port (default: server.admin.host of the configuration, else 127.0.0.1)',
      parseHost,
    )
}

/** An empty one would mean every interface. */
function parseHost(text: string): string {
  if (text.trim() !== '') return text.trim()
  throw new InvalidArgumentError(`must be an address, got ${show(text)}`)
}

function parsePort(text: string): number {
  const port = Number(text)
  if (text.trim() === '' || !Number.isInteger(port) || port < 0 || port > 65535) {
    throw new InvalidArgumentError(`must be a port from 0 to 65535, got ${text}`)
  }
  return port
}

function portOfEnvironment(): number | undefined {
  const text = process.env['PORT']
  if (text === undefined || text === '') return undefined
  try {
    return parsePort(text)
  } catch (error) {
    throw new LoadError([`PORT: ${(error as Error).message}`])
  }
}
