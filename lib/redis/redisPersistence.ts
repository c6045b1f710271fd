/**
 * Warnings about settings of Redis that could lose rule sets, one line each. `setting` reads one setting, or rejects.
 */
export async function persistenceWarnings(
  setting: (name: string) => Promise<string>,
): Promise<readonly string[]> {
  try {
    const [appendonly, save, policy] = await Promise.all(
      ['appendonly', 'save', 'maxmemory-policy'].map(setting),
    )
    const warnings: string[] = []
    if (appendonly !== 'yes' && save === '') {
      warnings.push(
        'neither appendonly nor save is on, so a restart of Redis loses the rule sets: set appendonly yes',
      )
    }
    if (policy.startsWith('allkeys-')) {
      warnings.push(
        `maxmemory-policy is ${policy}, which may evict rule sets: set noeviction or volatile-lru`,
      )
    }
    return warnings
  } catch (error) {
    const why = (error as Error).message
    return [`cannot tell whether rule sets survive a restart of Redis (${why}): it needs appendonly yes`]
  }
}
