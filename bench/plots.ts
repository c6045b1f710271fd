/** `npm run bench:plots`: draws `docs/performance/*.svg` from the newest files in `bench/results` that hold what each shows. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot, shortPath } from '../lib/packagePaths'
import { plotCpu } from './plots/cpu'
import { plotEqualLoad } from './plots/equalLoad'
import { plotEventLoop } from './plots/eventLoop'
import { plotMemory } from './plots/memory'
import { plotOverload } from './plots/overload'
import { newest, readResults } from './plots/results'
import { plotStages } from './plots/stages'

const results = readResults()
const cases = newest(results, 'cases')
const overload = newest(results, 'overload')
const eventLoop = newest(results, 'eventLoop')
const memory = newest(results, 'memory')

/** Undefined where no file holds what it takes. */
const plots: Readonly<Record<string, string | undefined>> = {
  'predictions-per-cpu-second': cases && plotCpu(cases),
  'equal-load': cases && plotEqualLoad(cases),
  stages: cases && plotStages(cases),
  overload: overload && plotOverload(overload),
  'event-loop': eventLoop && plotEventLoop(eventLoop),
  memory: memory && plotMemory(memory),
}

const folder = join(packageRoot, 'docs/performance')
mkdirSync(folder, { recursive: true })
for (const [name, svg] of Object.entries(plots)) {
  const file = join(folder, `${name}.svg`)
  if (svg === undefined) {
    console.log(`${shortPath(file)}: nothing to draw yet`)
    continue
  }
  writeFileSync(file, svg)
  console.log(shortPath(file))
}
