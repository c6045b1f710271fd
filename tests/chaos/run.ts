import { parseArgs } from 'node:util'
import { runTrouble } from './runTrouble'
import { troubles } from './troubles'

/** Has one trouble after the other happen, prints what was seen, and exits with 1 if a promise did not hold. */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string', multiple: true, default: [] } } })
  const known = Object.keys(troubles)
  const unknown = values.only.find((name) => !known.includes(name))
  if (unknown !== undefined) throw new Error(`--only: must be one of ${known.join(', ')}, got ${unknown}`)
  const table: Record<string, object> = {}
  for (const name of values.only.length > 0 ? values.only : known) {
    const { title } = troubles[name]
    const { seen, broken, seconds } = await runTrouble(troubles[name])
    console.log(`\n${name}: ${title} (${seconds} s)`)
    for (const fact of seen) console.log(`  ${fact}`)
    for (const promise of broken) console.log(`  BROKEN: ${promise}`)
    table[name] = { promises: broken.length === 0 ? 'kept' : `${broken.length} broken`, seconds }
    if (broken.length > 0) process.exitCode = 1
  }
  console.table(table)
}

main().then(
  () => process.exit(),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error)
    process.exit(1)
  },
)
