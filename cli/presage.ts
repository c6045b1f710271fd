#!/usr/bin/env node
import './productionMode'
import { Command, InvalidArgumentError } from 'commander'
import { LoadError } from '../lib/errors'
import { checkContracts } from './checkContracts'
import { checkModels } from './checkModels'
import { compose } from './compose'
import { loadConfig } from './config'
import { type GatewayCommand, gateway } from './gateway'
import { printSchema } from './printSchema'
import { start } from './start'
import { subgraph } from './subgraph'
import { writeJsonSchemas } from './writeJsonSchemas'

const program = new Command('presage')
  .description('Machine-learned predictions as typed fields of a federated GraphQL graph')
  .option('-c, --config <file>', 'the configuration', 'presage.yaml')

const config = () => loadConfig(program.opts<{ config: string }>().config)

/** For what needs none: the default file may be missing, one that was named may not. */
const optionalConfig = () =>
  loadConfig(program.opts<{ config: string }>().config, {
    optional: program.getOptionValueSource('config') === 'default',
  })

program
  .command('start')
  .description('serve the graph: gateway, subgraphs and workers in one process')
  .option('-p, --port <number>', 'the port to listen on (else PORT, else the configuration)', parsePort)
  .action((options: { port?: number }) => start(config(), options.port ?? portOfEnvironment()))

program
  .command('gateway')
  .description('serve a supergraph whose subgraphs answer over HTTP, and follow its file')
  .option('-s, --supergraph <file>', 'the composed supergraph (else graph.supergraph of the configuration)')
  .option('-p, --port <number>', 'the port to listen on (else PORT, else the configuration)', parsePort)
  .option('--host <address>', 'the address to listen on (else the configuration)')
  .action((options: GatewayCommand) =>
    gateway(optionalConfig(), { ...options, port: options.port ?? portOfEnvironment() }),
  )

program
  .command('subgraph <name>')
  .description('serve one subgraph of the configuration alone, for a gateway elsewhere')
  .option('-p, --port <number>', 'the port to listen on (else PORT, else the configuration)', parsePort)
  .option('--host <address>', 'the address to listen on (else the configuration)')
  .action((name: string, options: { host?: string; port?: number }) =>
    subgraph(config(), name, { ...options, port: options.port ?? portOfEnvironment() }),
  )

program
  .command('compose')
  .description('build the supergraph and the plan lock from the subgraphs, without network')
  .option('--check', 'write nothing; fail if the files are not what would be written')
  .action((options: { check?: boolean }) => compose(config(), options.check === true))

program
  .command('schema')
  .description('look at schemas')
  .command('print <subgraph>')
  .description("print a subgraph's full SDL, with the directive's definition, for other tools")
  .action((subgraph: string) => printSchema(config(), subgraph))

program
  .command('objectives')
  .description('look after objectives')
  .command('check')
  .description(
    'fail if a contract changed in a way that breaks who uses it, compared with its last committed version',
  )
  .action(() => checkContracts(config()))

program
  .command('models')
  .description('look after models')
  .command('check')
  .description('load every model version once, golden cases included, and fail if one is not fit to serve')
  .action(() => checkModels(config()))

program
  .command('json-schemas')
  .description('write the JSON Schemas of the YAML files, which editors use')
  .option('--check', 'write nothing; fail if the files are not what would be written')
  .action((options: { check?: boolean }) => writeJsonSchemas(options.check === true))

program.parseAsync().catch((error: unknown) => {
  if (!(error instanceof LoadError)) throw error
  for (const problem of error.problems) console.error(problem)
  console.error(error.problems.length === 1 ? '1 problem' : `${error.problems.length} problems`)
  process.exitCode = 1
})

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
