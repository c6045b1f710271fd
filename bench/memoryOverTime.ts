/** `npm run bench:memory [-- --seconds 600]`: Presage's memory over ten minutes of load; saves nothing of less than a minute. */
import { parseArgs } from 'node:util'
import { measureMemory } from './memory'
import { readOrigin } from './origin'
import { printMemory } from './print'
import { saveBench } from './saveResults'
import { readPositive } from './settings'

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } })
  const seconds = readPositive('--seconds', values.seconds)
  const origin = readOrigin()
  const memory = await measureMemory(seconds)
  printMemory(memory)
  if (seconds >= 60) saveBench(origin, 'memory', { memory })
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
})
