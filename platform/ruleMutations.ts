import { systemClock } from '../lib/clock'
import { counted, LoadError, PresageError } from '../lib/errors'
import { requireRole } from '../lib/request/roles'
import { readRuleSet } from '../routing/apart/readRuleSet'
import { nodeWarnings } from '../routing/node/nodeWarnings'
import { canonicalJson } from '../routing/ruleSet/canonicalJson'
import { sentenceOf } from '../routing/store/outcomes'
import { sha256Of } from '../routing/store/ruleSetVersion'
import type { SubgraphContext } from '../serving/inputs/subgraphContext'
import type { AuditEntry, Operator, PlatformRules, PlatformServices } from './services'

interface PublishArguments {
  readonly rules: string
  readonly message?: string | null
}

interface ActivateArguments {
  readonly number: number
  readonly expected?: number | null
  readonly quorum?: number | null
  readonly force?: boolean | null
}

interface RollbackArguments {
  readonly expected?: number | null
  readonly to?: number | null
}

/** The GraphQL type `RuleChange`: the outcome of a change. */
interface RuleChange {
  readonly done: boolean
  readonly says: string
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
  readonly number: number | null
}

/**
 * The `Mutation` fields, for operators and only if the configuration allows them. Each change is recorded in the audit
 * log before and after it is made.
 */
export function ruleMutations(services: () => PlatformServices) {
  return {
    publishRules: (_: unknown, { rules: text, message }: PublishArguments, { request }: SubgraphContext) =>
      changed(
        services(),
        request,
        'publish',
        { sha256OfText: sha256Of(text), message },
        async (rules, by) => {
          const warnings: string[] = []
          const ruleSet = await readRuleSet(text, '', rules.knownNames(), (line) => warnings.push(line))
          const publication = {
            text: canonicalJson(ruleSet),
            author: by,
            message: message ?? ruleSet.message ?? '',
          }
          const outcome = await rules.store.publish(publication)
          const done = outcome.kind === 'published'
          return { ...changeOf(outcome, done, done ? outcome.version.number : null), warnings }
        },
      ),
    activateRules: (_: unknown, args: ActivateArguments, { request }: SubgraphContext) =>
      changed(services(), request, 'activate', { ...args }, async (rules, by) => {
        const { store } = rules
        const { number, quorum, force } = args
        if (quorum != null && !(quorum > 0 && quorum <= 1)) {
          throw new PresageError('BAD_USER_INPUT', `quorum: must be above 0 and at most 1, got ${quorum}`)
        }
        const expected = args.expected ?? (await activeOf(store))
        const warnings = force
          ? []
          : await rules.loadOnServers(number, expected, Math.min(5_000, timeFor(request)))
        const outcome = await store.activate(number, {
          expected,
          by,
          ...(quorum != null && { quorum }),
          ...(force && { force }),
        })
        const done = outcome.kind === 'activated'
        return { ...changeOf(outcome, done, done ? number : null), warnings }
      }),
    rollbackRules: (_: unknown, args: RollbackArguments, { request }: SubgraphContext) =>
      changed(services(), request, 'rollback', { ...args }, async ({ store }, by) => {
        const expected = args.expected ?? (await activeOf(store)) ?? undefined
        const outcome = await store.rollback({ by, expected, to: args.to ?? undefined })
        if (outcome.kind !== 'rolled back') return changeOf(outcome, false, null)
        // Whoever asked has to hear that it is done, also if the store does not answer any more.
        const warnings = await nodeWarnings(store, outcome.active, Math.min(5_000, timeFor(request))).catch(
          ({ message }: Error) => [`the nodes cannot be asked: ${message}`],
        )
        return { ...changeOf(outcome, true, outcome.active.number), warnings }
      }),
  }
}

/** How long a change may wait for others, in milliseconds: the answer has to come in time. */
function timeFor({ deadline }: SubgraphContext['request']): number {
  return Math.max(0, deadline - systemClock.now()) / 2
}

async function changed(
  { rules }: PlatformServices,
  request: SubgraphContext['request'],
  change: AuditEntry['change'],
  asked: Readonly<Record<string, unknown>>,
  make: (rules: PlatformRules, by: string) => Promise<RuleChange>,
): Promise<RuleChange> {
  if (!rules.mutationsAllowed) {
    throw new PresageError(
      'FORBIDDEN',
      'rules cannot be changed through this graph unless its configuration has rules.mutations: true',
    )
  }
  requireRole(request, 'operator')
  const operator = operatorOf(request)
  const by = `${nameOf(operator)}, request ${request.id}`
  const about = { request: request.id, change, by: operator }
  await rules.audit({ event: 'asked', ...about, context: request.context, ...asked })
  const result = await make(rules, by).catch(async (error: Error) => {
    if (error instanceof LoadError) return refused(error.problems)
    // Who asked has to hear of this failure, also if it cannot be written down.
    await rules.audit({ event: 'failed', ...about, says: error.message }).catch(() => {})
    throw error
  })
  try {
    await rules.audit({ event: 'done', ...about, ...result })
    return result
  } catch (error) {
    // What is made is made.
    return { ...result, warnings: [...result.warnings, (error as Error).message] }
  }
}

function operatorOf({ subject, roles }: SubgraphContext['request']): Operator {
  return typeof subject === 'string' ? { subject } : { roles }
}

/** The author in the history of versions, for people. */
function nameOf(operator: Operator): string {
  if ('roles' in operator) return `somebody with the role ${operator.roles.at(-1)}`
  // The subject comes from outside, and control characters could disturb a terminal that lists versions.
  return operator.subject.replace(/\p{C}/gu, '?')
}

function changeOf(
  outcome: Parameters<typeof sentenceOf>[0],
  done: boolean,
  number: number | null,
): RuleChange {
  const missing = outcome.kind === 'not prepared' ? outcome.missing : []
  const problems = missing.map(
    ({ node, problems: why }) => `${node}: ${why.join('; ') || 'is not prepared yet'}`,
  )
  return { done, says: sentenceOf(outcome), problems, warnings: [], number }
}

function refused(problems: readonly string[]): RuleChange {
  const says = `Refused: ${counted(problems.length, 'problem')}`
  return { done: false, says, problems, warnings: [], number: null }
}

async function activeOf(store: PlatformRules['store']): Promise<number | null> {
  return (await store.head()).active?.number ?? null
}
