import { GraphQLError } from 'graphql'
import { trialOfFault } from './faults'

/**
 * Faults that come late, below what is null by then, reject promises that graphql-js has let go of: nothing is wrong then. Who else
 * does so ends the process, as it would end a server. `isOurs`: whether resolvers are run by nobody but Presage and the oracle.
 */
export function watchStrayRejections(isOurs: boolean): void {
  process.on('unhandledRejection', (reason) => {
    const trial = trialOfFault(reason)
    const isOracles = trial === undefined ? reason instanceof GraphQLError : trial.id === 'oracle'
    if (isOracles || !isOurs) return
    console.error('a rejection that nobody handles:', reason)
    process.exit(1)
  })
}
