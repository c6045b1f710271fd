import { type Command, InvalidArgumentError } from 'commander'
import { durationProblem, toMilliseconds } from '../../lib/files/shapes'
import { checkNodeName } from '../../routing/store/lease'
import type { Config } from '../config/config'
import { secondValue } from '../terminal/pairs'
import { type JsonOption, json } from '../terminal/printResult'
import type { ActivateCommand, PinOptions, PublishOptions } from './changeRules'
import type { ExplainOptions } from './explainRules'
import type { RestoreOptions } from './restoreRules'
import type { SimulateOptions } from './simulateRules'

/** Commands on the configured store. Exit codes: 0 done; 1 refused, or a difference; 2 invalid command line. */
export function addRuleCommands(rules: Command, config: () => Config): void {
  // Loaded when they run, so that they take no memory in a server.
  const changes = () => require('./changeRules') as typeof import('./changeRules')
  const shows = () => require('./showRules') as typeof import('./showRules')
  const explains = () => require('./explainRules') as typeof import('./explainRules')
  const restores = () => require('./restoreRules') as typeof import('./restoreRules')
  const simulates = () => require('./simulateRules') as typeof import('./simulateRules')
  rules.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  const by = ['--by <name>', 'who makes the change (default: the name of the account)'] as const

  rules
    .command('publish <file>')
    .description(
      'check a rule file against the deployment and store it as the next version, without activating it',
    )
    .option('-m, --message <text>', "what it is for (default: the file's message)")
    .option('--create', 'create the store if it does not exist')
    .option('--strict', 'refuse it on warnings too')
    .option('--wait', 'wait until the nodes are prepared for it')
    .option('--timeout <duration>', 'how long to wait', parseDuration, 120_000)
    .option(...by)
    .option(...json)
    .action((file: string, options: PublishOptions) => changes().publishRules(config(), file, options))

  rules
    .command('activate')
    .argument('<number>', 'the version', parseVersion)
    .description('make a version active; refused unless the nodes are prepared for it')
    .option('--wait', 'wait until the nodes are prepared')
    .option('--timeout <duration>', 'how long to wait', parseDuration, 120_000)
    .option('--quorum <part>', 'the share of nodes that must be prepared, such as 0.9', parseQuorum)
    .option('--force', 'activate it even if nodes are not prepared')
    .option(...by)
    .option(...json)
    .action((number: number, options: ActivateCommand) => changes().activateRules(config(), number, options))

  rules
    .command('rollback')
    .description('make the previous version active again, at once, even if nodes are not prepared')
    .option(...by)
    .option(...json)
    .action((options: JsonOption) => changes().rollbackRules(config(), options))

  rules
    .command('pin')
    .argument('[number]', 'the version', parseVersion)
    .description('keep a node at a version, whatever is active')
    .option('--off', 'let the node follow the active version again')
    .option('--node <name>', 'the node (default: rules.node, else the only node)', parseNode)
    .option(...json)
    .action((number: number | undefined, options: PinOptions, command: Command) => {
      if ((number === undefined) === (options.off !== true)) command.error('error: needs a version or --off')
      return changes().pinRules(config(), number, options)
    })

  rules
    .command('history')
    .description('list all versions and the latest activations')
    .option(...json)
    .action((options: JsonOption) => shows().showHistory(config(), options))

  rules
    .command('diff [before] [after]')
    .description(
      'describe what changes between two versions: numbers, active, previous or files (default: from the active one to the rule file); exit code 1 if they differ',
    )
    .option(...json)
    .action((first: string | undefined, second: string | undefined, options: JsonOption) => {
      const settings = config()
      const [before, after] = second === undefined ? ['active', first ?? settings.rules] : [first, second]
      return shows().showDiff(settings, before as string, after as string, options)
    })

  rules
    .command('status')
    .description('list the nodes and their versions; exit code 1 if a node is behind')
    .option(...json)
    .action((options: JsonOption) => shows().showStatus(config(), options))

  rules
    .command('explain <objective>')
    .description('show how one context is decided, and why')
    .option('--context <key=value...>', 'the context of the request', parsePairs)
    .option(
      '--input <name=value...>',
      'inputs of one row; a value is read as JSON if it is JSON and the input is neither text nor an enum, else as text',
      parsePairs,
    )
    .option('--shard <name>', 'the shard that the field names')
    .option('--rules <which>', 'a version: a number, active, previous or a file', 'active')
    .option(...json)
    .action((objective: string, { context = {}, ...options }: ExplainOptions) =>
      explains().explainRules(config(), objective, { ...options, context }),
    )

  rules
    .command('restore [file]')
    .description(
      "rebuild a store that lost its versions from a node's copy (default: the newest copy on this machine)",
    )
    .option('--replace', 'if the store was created anew since: add the lost versions under new numbers')
    .option(...by)
    .option(...json)
    .action((file: string | undefined, options: RestoreOptions) =>
      restores().restoreRules(config(), file, options),
    )

  rules
    .command('simulate <file>')
    .description(
      'decide contexts (one JSON object per line) by the current and the proposed rules; show who moves',
    )
    .option('--proposed <file>', "the proposed rule file (default: the configuration's)")
    .option('--current <which>', 'a version: a number, active, previous or a file', 'active')
    .option('--objective <names...>', 'only these objectives')
    .option(...json)
    .action((file: string, options: SimulateOptions) => simulates().simulateRules(config(), file, options))
}

function parseVersion(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new InvalidArgumentError(`must be a number from 1 on, got ${text}`)
}

function parseNode(text: string): string {
  try {
    checkNodeName(text)
  } catch (error) {
    throw new InvalidArgumentError((error as RangeError).message)
  }
  return text
}

function parseQuorum(text: string): number {
  const quorum = Number(text)
  if (text.trim() !== '' && quorum > 0 && quorum <= 1) return quorum
  throw new InvalidArgumentError(`must be above 0 and at most 1, got ${text}`)
}

function parseDuration(text: string): number {
  const problem = durationProblem(text)
  if (problem === undefined) return toMilliseconds(text)
  throw new InvalidArgumentError(`${problem}, got ${text}`)
}

function parsePairs(text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> {
  const equals = text.indexOf('=')
  if (equals <= 0) throw new InvalidArgumentError(`must be key=value, got ${text}`)
  const [key, value] = [text.slice(0, equals), text.slice(equals + 1)]
  if (!Object.hasOwn(before, key)) return { ...before, [key]: value }
  throw secondValue(`${key}=${before[key]}`, text)
}
