import { userInfo } from 'node:os'
import { LoadError, PresageError } from '../../lib/errors'
import { createMemoryStore } from '../../routing/store/memoryStore'
import type { RuleStore } from '../../routing/store/ruleStore'
import type { Config } from '../config/config'
import { openStore } from '../rules/openStore'
import { type JsonOption, printResult, type Told } from '../terminal/printResult'
import { isFile } from './namedRules'

/** Prints a result and sets the exit code. Throws a LoadError if the store does not answer, or is in memory. */
export async function runOnStore(
  config: Config,
  options: JsonOption,
  command: (store: RuleStore) => Promise<Told>,
): Promise<void> {
  const { place, at } = config.ruleStore
  if (place.kind === 'memory') {
    throw new LoadError([`${at}: must be files or redis here, got memory, which is each process\u2019s own`])
  }
  const store = await openStore({ ...config.ruleStore, isDefault: false }, (line) => console.error(line))
  return run(store, options, command)
}

/** The same for a command about `names`, as `namedRules` reads them. If all are files, it needs no store. */
export function runOnRules(
  config: Config,
  names: readonly string[],
  options: JsonOption,
  command: (store: RuleStore) => Promise<Told>,
): Promise<void> {
  return names.every(isFile)
    ? run(createMemoryStore(), options, command)
    : runOnStore(config, options, command)
}

async function run(
  store: RuleStore,
  options: JsonOption,
  command: (store: RuleStore) => Promise<Told>,
): Promise<void> {
  try {
    printResult(await command(store), options)
  } catch (error) {
    throw error instanceof PresageError ? new LoadError([error.message]) : error
  } finally {
    await store.dispose()
  }
}

/** The default author of a change. */
export function whoAmI(): string {
  try {
    return userInfo().username
  } catch {
    return 'somebody'
  }
}
