import { InvalidArgumentError } from 'commander'

/** What to throw for an option of pairs where a key has a second value: which of them counts would be a guess. */
export function secondValue(first: string, second: string): InvalidArgumentError {
  return new InvalidArgumentError(`must have one value for a key, got ${first} and ${second}`)
}
