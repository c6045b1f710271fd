import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import type { ActivationNodes } from './activationNodes'
import { post } from './post'
import type { BenchServer } from './servers'

/** Titles at each of two places. */
const rows = 5

/**
 * The question reaches PREDICT_RATING at two places of the graph, in two fetches: a request that saw two versions of the rules is answered
 * as under neither.
 */
const query = `query ($m: ID!) {
  titles(first: ${rows}) { predictedRating(memberId: $m) }
  more: titles(first: ${rows}, skip: 9) { predictedRating(memberId: $m) }
}`

const members = 100

/** Rows that share a batch with others may differ in their last digits. */
const tolerance = 1e-4

type Ratings = readonly number[]

/** What is answered under each version of the rules, learnt while nothing moves. */
export class ActivationAnswers {
  /** Each with its ratings under versions 1 and 2. */
  private readonly questions: { readonly body: string; readonly under: readonly [Ratings, Ratings] }[] = []

  /** Version 1 is in effect in all processes before and after. */
  static async learn({ servers, store }: ActivationNodes): Promise<ActivationAnswers> {
    const answers = new ActivationAnswers()
    const agent = new Agent({ keepAlive: true })
    const bodies = Array.from({ length: members }, (_, at) =>
      JSON.stringify({ query, variables: { m: String(at + 1) } }),
    )
    const ask = async ({ url }: BenchServer, body: string) => ratingsOf(await post(url, agent, body))
    const askAll = async () => {
      const all: Ratings[] = []
      for (const body of bodies) all.push(await ask(servers[0], body))
      return all
    }
    const first = await askAll()
    await store.activate(2, { expected: 1, by: 'bench' })
    while (isAlike(await ask(servers[0], bodies[0]), first[0])) await wait(10)
    const second = await askAll()
    await store.activate(1, { expected: 2, by: 'bench' })
    for (const server of servers) while (!isAlike(await ask(server, bodies[0]), first[0])) await wait(10)
    agent.destroy()
    for (const [at, body] of bodies.entries()) {
      // Members who like everything get the highest rating from any model.
      if (isToldApart(first[at], second[at])) answers.questions.push({ body, under: [first[at], second[at]] })
    }
    if (answers.questions.length < members / 2) {
      throw new Error(`${members / 2} questions must be answered otherwise, got ${answers.questions.length}`)
    }
    return answers
  }

  /** The body of the nth question. */
  readonly question = (n: number): string => this.questions[n % this.questions.length].body

  /** By which version of the rules the nth question was answered; undefined if by neither, or in part by each. */
  versionOf(n: number, text: string): number | undefined {
    const ratings = ratingsOf(text)
    const { under } = this.questions[n % this.questions.length]
    const at = under.findIndex((known) => isAlike(ratings, known))
    return at < 0 ? undefined : at + 1
  }
}

/** Of both places, in order. */
function ratingsOf(text: string): Ratings {
  const { data } = JSON.parse(text) as {
    readonly data: Readonly<Record<'titles' | 'more', readonly { readonly predictedRating: number }[]>>
  }
  return [...data.titles, ...data.more].map(({ predictedRating }) => predictedRating)
}

/** At each of the places. */
function isToldApart(one: Ratings, other: Ratings): boolean {
  return !isAlike(one.slice(0, rows), other.slice(0, rows)) && !isAlike(one.slice(rows), other.slice(rows))
}

function isAlike(one: Ratings, other: Ratings): boolean {
  return one.length === other.length && one.every((rating, at) => Math.abs(rating - other[at]) <= tolerance)
}
