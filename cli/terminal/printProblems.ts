import type { LoadError } from '../../lib/errors'
import { coloursFor, type Screen } from './colours'

/**
 * Reports why a command failed: a line for each problem on standard error, and with `json` an object with the same
 * lines on standard output.
 */
export function printProblems({ problems }: LoadError, json: boolean, screen: Screen = process.stderr): void {
  const { cyan, red, yellow } = coloursFor(screen)
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  const lines = problems.map((problem) => {
    return problem
      .replace(/^\S+:\d+(:\d+)?(?=:? )/, (place) => cyan(place))
      .replace(/did you mean .*\?$/, (question) => yellow(question))
  })
  screen.write(`${[...lines, red(count)].join('\n')}\n`)
  if (json) console.log(JSON.stringify({ problems }, null, 2))
}
