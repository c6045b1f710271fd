import { counted, type LoadError } from '../../lib/errors'
import { coloursFor } from './colours'

/** A line on standard error for each reason why a command failed; with `json`, an object on standard output too. */
export function printProblems({ problems }: LoadError, json: boolean): void {
  const screen = process.stderr
  const { cyan, red, yellow } = coloursFor(screen)
  const count = counted(problems.length, 'problem')
  const lines = problems.map((problem) => {
    return problem
      .replace(/^\S+:\d+(:\d+)?(?=:? )/, (place) => cyan(place))
      .replace(/did you mean .*\?$/, (question) => yellow(question))
  })
  screen.write(`${[...lines, red(count)].join('\n')}\n`)
  if (json) printJsonProblems(problems)
}

export function printJsonProblems(problems: readonly string[]): void {
  console.log(JSON.stringify({ problems }, null, 2))
}
