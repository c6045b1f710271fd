/** `npm run bench:memory [-- --seconds 600]`: Presage's memory over ten minutes of load; saves nothing of less than a minute. */
import { readOptions, runCommand } from './command'
import { measureMemory } from './memory'
import { readOrigin } from './origin'
import { printMemory } from './print'
import { saveBench } from './saveResults'

async function main(): Promise<void> {
  const { seconds } = readOptions({ seconds: 600 })
  const origin = readOrigin()
  const memory = await measureMemory(seconds)
  printMemory(memory)
  if (seconds >= 60) saveBench(origin, 'memory', { memory })
}

runCommand(main)
