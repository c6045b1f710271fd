import fc from 'fast-check'
import type { Kind } from '../kinds/kind'

/** Which inputs: the same seed and place are the same input, until a generator changes. */
export interface Inputs {
  readonly seed: number
  readonly from: number
  readonly count: number
}

export interface Counts {
  taken: number
  refused: number
  /** What the slowest input took, in milliseconds, and its place. */
  longestMs: number
  longestAt: number
}

/** An input that was neither taken nor refused as it should be. */
export interface Finding {
  readonly place: number
  /** Findings that are the same but for names and numbers have the same one. */
  readonly signature: string
  readonly problem: string
  readonly input: string
}

export interface Watcher {
  /** Called before an input, or some that go together, is given. */
  at(place: number): void | Promise<void>
  found(finding: Finding): void
}

/** Gives the inputs to the code of a kind, and counts what came of them. */
export async function examine(
  kind: Kind,
  { seed, from, count }: Inputs,
  counts: Counts,
  { at, found }: Watcher,
): Promise<void> {
  const { width = 1 } = kind
  const known = new Set<string>()
  const end = from + count
  const give = async (input: unknown, place: number) => {
    const begun = performance.now()
    try {
      const outcome = await kind.feed(input)
      counts[outcome]++
    } catch (error) {
      await tell(input, place, error)
      return
    }
    const milliseconds = performance.now() - begun
    if (milliseconds > counts.longestMs) Object.assign(counts, { longestMs: milliseconds, longestAt: place })
    if (milliseconds > kind.limitMs) {
      await tell(input, place, new Error(`took longer than ${kind.limitMs} ms`))
    }
  }
  const tell = async (input: unknown, place: number, error: unknown) => {
    const signature = signatureOf(error)
    found({ place, signature, problem: textOf(error), input: kind.show(input) })
    if (known.has(signature)) return
    known.add(signature)
    const smaller = await shrink(kind, seed, place, signature)
    if (smaller !== undefined)
      found({ place, signature, problem: textOf(error), input: kind.show(smaller.input) })
  }
  for (let first = from - (from % chunk); first < end; first += chunk) {
    const inputs = fc.sample(kind.inputs, { seed: seedOf(seed, first), numRuns: chunk })
    for (let group = first; group < first + chunk; group += width) {
      const places = Array.from({ length: width }, (_, i) => group + i).filter(
        (place) => place >= from && place < end && place < first + chunk,
      )
      if (places.length === 0) continue
      await at(places[0])
      await Promise.all(places.map((place) => give(inputs[place - first], place)))
      // What was rejected and is handled by nobody ends the process here, while its place is known.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
}

export function noCounts(): Counts {
  return { taken: 0, refused: 0, longestMs: 0, longestAt: 0 }
}

/** Inputs that are made at once: a generator needs its own time to begin. */
const chunk = 40

function seedOf(seed: number, first: number): number {
  return (seed * 1_000_003 + first) | 0
}

/** The smallest input found that fails as this one does; undefined if it does not fail again. */
async function shrink(
  { inputs, feed }: Kind,
  seed: number,
  place: number,
  signature: string,
): Promise<{ readonly input: unknown } | undefined> {
  const first = place - (place % chunk)
  const failsSo = fc.asyncProperty(inputs, async (input) => {
    try {
      await feed(input)
    } catch (error) {
      return signatureOf(error) !== signature
    }
    return true
  })
  const { counterexample } = await fc.check(failsSo, {
    seed: seedOf(seed, first),
    path: String(place - first),
    numRuns: 1,
    interruptAfterTimeLimit: 20_000,
  })
  return counterexample === null ? undefined : { input: counterexample[0] }
}

function signatureOf(error: unknown): string {
  return textOf(error)
    .replace(/["'`“].*?["'`”]/gs, '"…"')
    .replace(/[0-9]+/g, '0')
    .slice(0, 300)
}

/** Its sentence and the first places of our own in its stack. */
function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const places = (error.stack ?? '')
    .split('\n')
    .filter((line) => /^ +at .*\.[jt]s:/.test(line) && !/node_modules|node:|tests\/fuzz/.test(line))
    .slice(0, 3)
  return [`${error.name}: ${error.message}`.slice(0, 600), ...places].join('\n')
}
