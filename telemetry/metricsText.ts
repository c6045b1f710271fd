import { loopTurn } from '../lib/scheduling/loopTurn'

/** A metric as a registry reads it: what it has measured until now. */
export interface Readable {
  get(): Promise<Read> | Read
}

export interface Read {
  readonly name: string
  readonly values: readonly unknown[]
}

/**
 * The text of metrics in shares of turns of the event loop: that of thousands of series takes long, and requests are
 * served by the same thread. `textOf` makes that of one metric: two lines of comments, and a line for each value.
 */
export async function metricsText(
  metrics: readonly Readable[],
  textOf: (read: Read) => Promise<string>,
): Promise<string> {
  const texts: string[] = []
  let beganAt = performance.now()
  let shares = 0
  for (const metric of metrics) {
    const read = await metric.get()
    const pieces: string[] = []
    // A metric without values still has its two lines of comments.
    for (let at = 0; at === 0 || at < read.values.length; at += valuesAtOnce) {
      if (loopTurn.isOver(beganAt)) {
        await new Promise<void>((resolve) => loopTurn.later(operators, resolve, shares++))
        beganAt = performance.now()
      }
      const text = await textOf({ ...read, values: read.values.slice(at, at + valuesAtOnce) })
      pieces.push(at === 0 ? text : withoutComments(text))
    }
    texts.push(pieces.join('\n'))
  }
  return `${texts.join('\n\n')}\n`
}

/** Takes a tenth of a millisecond. */
const valuesAtOnce = 50

/** Whose turns these are, beside clients'. */
const operators = '/metrics'

/** Line ends in a help text are escaped, so it has one line, as the type has. */
function withoutComments(text: string): string {
  return text.slice(text.indexOf('\n', text.indexOf('\n') + 1) + 1)
}
