import { counted } from '../../lib/errors'
import { type Config, loadConfig } from '../config/config'
import { checkDocuments, checkKeys } from '../doctor/files'
import { examine, type Finding } from '../doctor/finding'
import { checkPrometheus } from '../doctor/prometheus'
import { checkRedis, namedRedises } from '../doctor/redis'
import { checkRuleFolder } from '../doctor/ruleStore'
import { checkAddresses, checkNode, checkRuntime } from '../doctor/surroundings'
import { coloursFor } from '../terminal/colours'
import { type JsonOption, printResult } from '../terminal/printResult'
import { Progress } from '../terminal/progress'

/** Checks all that a start needs, and prints what was found or how to fix it. Exits with 1 if there is a problem. */
export async function doctor(configFile: string, options: JsonOption): Promise<void> {
  const progress = new Progress()
  const findings = await findAll(configFile, progress)
  progress.end()
  const problems = findings.filter(({ isOk }) => !isOk).length
  const text = findingsText(findings, problems)
  printResult({ text, value: { problems, findings }, isDone: problems === 0 }, options)
}

async function findAll(configFile: string, progress: Progress): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  const add = async (check: string, run: () => string | Promise<string>) => {
    const found = await examine(check, run)
    findings.push(...found)
    return found.every(({ isOk }) => isOk)
  }
  await add('Node', checkNode)
  const hasRuntime = await add('ONNX Runtime', checkRuntime)
  let config: Config | undefined
  await add('configuration', () => {
    config = loadConfig(configFile)
    return configFile
  })
  if (config === undefined) return findings
  const known = config
  await add('addresses', () => checkAddresses(known))
  const { checkEndpoint, checkWorker, namedEndpoints, servesShards }: typeof import('../doctor/remote') =
    require('../doctor/remote')
  if (servesShards(known)) await add('worker', () => checkWorker(known))
  for (const endpoint of namedEndpoints(known))
    await add(`shard ${endpoint.shard}`, () => checkEndpoint(known, endpoint))
  const { isDefault, place } = known.ruleStore
  // Where the default folder cannot be used, versions are kept in memory.
  if (place.kind === 'files' && !isDefault) await add('rules', () => checkRuleFolder(known, place.folder))
  for (const redis of namedRedises(known)) await add('Redis', () => checkRedis(known, redis))
  const { console: page, trust, trustedDocuments } = known
  if (typeof page === 'object') await add('Prometheus', () => checkPrometheus(known, page))
  if (trust.jwt !== undefined) await add('keys', () => checkKeys(known, trust.jwt!))
  if (trustedDocuments !== undefined) await add('documents', () => checkDocuments(known, trustedDocuments))
  if (!hasRuntime) return findings
  // Their modules load the runtime.
  const { composedFiles }: typeof import('./compose') = require('./compose')
  const { checkVersions }: typeof import('./checkModels') = require('./checkModels')
  const { checkGraph, checkModels }: typeof import('../doctor/graph') = require('../doctor/graph')
  await add('graph', () => checkGraph(known, composedFiles))
  await add('models', async () => checkModels(await checkVersions(known, progress)))
  return findings
}

function findingsText(findings: readonly Finding[], problems: number): string {
  const { green, red } = coloursFor(process.stdout)
  const width = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.map(({ check, isOk, text }) => {
    return `${isOk ? green('ok     ') : red('problem')}  ${check.padEnd(width)}  ${text}`
  })
  const sum = problems === 0 ? green('no problem') : red(counted(problems, 'problem'))
  return [...lines, sum].join('\n')
}
