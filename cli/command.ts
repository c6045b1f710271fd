import './process/supportedNode'
import './process/productionMode'
import './process/collectorSettings'
import './process/lossyOutput'
import { program, tellFailure } from './program'

let hasFinished = false
// Node would end with success if a command waits for what nothing can settle. A module that waits gives up at the first
// of these events, so the command has not finished for good only if there is a second.
process.once('beforeExit', () => {
  setImmediate(() => process.once('beforeExit', tellUnfinished))
})

program.parseAsync().then(finish, (error: unknown) => {
  finish()
  if (!tellFailure(error)) {
    // Outside of the promise: a server outlives what is rejected and not awaited.
    return queueMicrotask(() => {
      throw error
    })
  }
  // A timer in a team's module, or the channel to the process that started this one, would keep it alive.
  process.exit(1)
})

function finish(): void {
  hasFinished = true
}

function tellUnfinished(): void {
  if (hasFinished) return
  console.error(`presage ${program.args.join(' ')}: must finish, got nothing left that it could wait for`)
  process.exitCode = 1
}
