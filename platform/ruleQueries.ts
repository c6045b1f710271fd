import { LoadError, PresageError, show } from '../lib/errors'
import { notOneOf } from '../lib/files/nearMiss'
import { rowCheckOf } from '../routing/checks/rowInputs'
import { compileRouter } from '../routing/compile/compileRouter'
import { parseRuleSet } from '../routing/parse/parseRuleSet'
import { undecidable } from '../routing/parse/undecidable'
import { contextProblem, readContext } from '../routing/ruleSet/readContext'
import { placementProblem } from '../routing/ruleSet/ruleSet'
import { isStraggler } from '../routing/store/lease'
import type { VersionInfo } from '../routing/store/ruleSetVersion'
import type { SubgraphContext } from '../serving/inputs/subgraphContext'
import { rulesOf } from '../serving/rules/ruleBook'
import { forRole } from './forRole'
import { type RouteArguments, valuesByName } from './routeQuestion'
import type { PlatformServices } from './services'

/** The `Query` fields about the rules. */
export function ruleQueries(services: () => PlatformServices) {
  return {
    ruleSets: forRole('viewer', async ({ limit, before }: { limit: number; before?: number | null }) => {
      if (limit < 0) throw badInput(`limit: must be at least 0, got ${limit}`)
      const { store } = services().rules
      const [head, history] = [await store.head(), await store.history()]
      return history
        .filter(({ number }) => before == null || number < before)
        .slice(0, limit)
        .map((info) => describeRuleSet(info, head.active?.number, services))
    }),
    ruleStatus: forRole('viewer', () => ruleStatus(services())),
    explainRoute: forRole('researcher', (args: ExplainArguments, request) =>
      explainRoute(services(), request, args),
    ),
  }
}

function describeRuleSet(info: VersionInfo, active: number | undefined, services: () => PlatformServices) {
  return {
    ...info,
    active: info.number === active,
    rules: async () => {
      const version = await services().rules.store.get(info.number)
      return version === undefined ? null : JSON.parse(version.text)
    },
  }
}

async function ruleStatus({ rules, serving }: PlatformServices) {
  const { store, node } = rules
  const own = node.status()
  // If the store is unreachable, the node still reports its own status.
  const [head, reports] = await Promise.all([
    store.head().catch(() => undefined),
    store.leases().catch(() => []),
  ])
  const made = head?.kind === 'made' ? head : undefined
  return {
    store: store.kind,
    active: made?.active ?? null,
    previous: made?.trail.at(-1) ?? null,
    inEffect: serving.rules.current().number,
    state: own.state.kind,
    why: 'why' in own.state ? own.state.why : (own.silence ?? null),
    nodes: reports.map((report) => {
      const pinned =
        made !== undefined && Object.hasOwn(made.pins, report.node) ? made.pins[report.node] : null
      return {
        name: report.node,
        inEffect: report.inEffect ?? null,
        epoch: report.epoch,
        prepared: report.prepared,
        pinned,
        straggler: isStraggler(report, pinned ?? made?.active?.number),
        note: report.note ?? null,
        problems: Object.entries(report.problems).flatMap(([number, problems]) =>
          problems.map((problem) => `version ${number}: ${problem}`),
        ),
      }
    }),
  }
}

interface ExplainArguments extends RouteArguments {
  readonly rules?: number | null
}

async function explainRoute(
  services: PlatformServices,
  request: SubgraphContext['request'],
  { objective, context, inputs, shard, ...asked }: ExplainArguments,
) {
  const { serving, rules } = services
  const { router, ruleSet, number } =
    asked.rules == null
      ? rulesOf(request, serving)
      : await storedRules(services, asked.rules).catch((error: unknown) => {
          // Such as one of another release, or one that has lost a part of its text.
          throw error instanceof LoadError ? badInput(`rules: ${error.problems.join('; ')}`) : error
        })
  if (!Object.hasOwn(ruleSet.objectives, objective)) {
    const names = Object.keys(ruleSet.objectives).sort()
    throw badInput(notOneOf('objective: must be one that has rules', objective, names, show(objective)))
  }
  if (shard != null && !serving.shards.has(shard)) {
    const known = [...serving.shards.keys()].join(', ')
    throw badInput(`shard: must be one of this deployment (${known}), got ${show(shard)}`)
  }
  const known = rules.knownNames()
  // Rules of the past may name what is not there any more.
  const lacks = asked.rules == null ? [] : undecidable(ruleSet, [objective], known, `version ${number}`)
  if (lacks.length > 0) throw badInput(`rules: ${lacks.join('; ')}`)
  const stated = valuesByName(context, 'context') ?? {}
  const unfit = contextProblem(stated, known)
  if (unfit !== undefined) throw badInput(`context: ${unfit}`)
  const row = valuesByName(inputs, 'inputs')
  const contract = known.objectives.get(objective)
  const problem = row && contract && rowCheckOf(contract.inputs)(row, objective)
  if (problem !== undefined) throw badInput(`inputs: ${problem}`)
  const answer = router.explain({
    objective,
    context: readContext(stated, known),
    ...(row !== undefined && { inputs: row }),
    ...(shard != null && { shard }),
  })
  if ('error' in answer) return { ruleSet: number, error: answer.error, decision: null, rules: [], draws: [] }
  const misplaced = placementProblem(ruleSet, answer.decision)
  if (misplaced !== undefined) throw badInput(misplaced)
  return { ruleSet: number, error: null, ...answer }
}

function badInput(message: string): PresageError {
  return new PresageError('BAD_USER_INPUT', message)
}

/** A version of the store, whether or not it is in effect; it decides as if all model versions were ready. */
async function storedRules({ rules }: PlatformServices, number: number) {
  const version = await rules.store.get(number)
  if (version === undefined)
    throw badInput(`rules: must be the number of a version of the store, got ${number}`)
  const ruleSet = parseRuleSet(version.text, `version ${number}`)
  const { objectives, models } = rules.knownNames()
  return { number, ruleSet, router: compileRouter(ruleSet, objectives, (_, model) => models.has(model)) }
}
