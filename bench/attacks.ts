import { type BenchCase, cases } from './cases'

/** What one client asks to have all of a server for itself. */
export interface Attack {
  readonly title: string
  readonly connections: number
  /** Requests a minute; without it each connection asks again as soon as it has its answer. */
  readonly perMinute?: number
  body(n: number): string
  /** What it asks, where the floors of the bench can answer that. */
  readonly benchCase?: BenchCase
}

const [hundred] = cases.filter(({ name }) => name === 'titles-100')

export const attacks: Readonly<Record<string, Attack>> = {
  rows: {
    title: '256 connections that ask for 100 predictions each, again and again',
    benchCase: hundred,
    connections: 256,
    body: (n) => JSON.stringify({ query: hundred.query, variables: hundred.variables(n) }),
  },
  'few-rows': {
    title: '32 connections that ask for 100 predictions each, again and again',
    benchCase: hundred,
    connections: 32,
    body: (n) => JSON.stringify({ query: hundred.query, variables: hundred.variables(n) }),
  },
  fields: {
    title: '50 distinct operations of 999 fields a minute, each with an answer of 190,000 values',
    connections: 4,
    perMinute: 50,
    body: (n) => JSON.stringify({ query: `{ titles(first: 190) { ${aliases('name', 998, n)} } }` }),
  },
  long: {
    title: '16 connections that ask for answers of 190,000 values, again and again',
    connections: 16,
    body: () => JSON.stringify({ query: `{ titles(first: 950) { ${aliases('name', 198, 0)} } }` }),
  },
  'too-large': {
    title: '16 connections that ask for answers of a hundred megabytes, again and again',
    connections: 16,
    body: () =>
      JSON.stringify({ query: `{ members(first: 671) { ${aliases('history { stars ratedAt }', 40, 0)} } }` }),
  },
}

function aliases(field: string, count: number, n: number): string {
  return Array.from({ length: count }, (_, at) => `a${n}_${at}: ${field}`).join(' ')
}
