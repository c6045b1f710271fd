import { join } from 'node:path'
import { Tensor } from 'onnxruntime-node'
import { packageRoot } from '../lib/packagePaths'
import { readRows } from '../subgraphs/rows'
import { openGraph, versionFolder } from './openGraph'
import type { PaymentRow } from './paymentRisk'
import { positions } from './positions'
import type { MemberRow } from './recommender'

/** The example's data and models as somebody uses them who writes the tensors by hand. */

export interface MessageRow {
  readonly id: number
  readonly wordFrequencies: readonly number[]
  readonly charFrequencies: readonly number[]
  readonly capitalRunAverage: number
  readonly capitalRunLongest: number
  readonly capitalRunTotal: number
}

export interface TitleRow {
  readonly id: number
  readonly title: string | null
  readonly year: number | null
  readonly genres: readonly string[]
}

const movielens = join(packageRoot, 'examples/streaming/movielens')

export function readMessages(): readonly MessageRow[] {
  return readRows<MessageRow>(join(packageRoot, 'examples/streaming/data/messages.json'), 'messages')
}

export function readTitles(): readonly TitleRow[] {
  return readRows<TitleRow>(join(movielens, 'data/titles.json'), 'titles')
}

export function readPayments(): readonly PaymentRow[] {
  return readRows<PaymentRow>(join(packageRoot, 'examples/streaming/data/payments.json'), 'payments')
}

export function readMembers(): readonly MemberRow[] {
  return readRows<MemberRow>(join(movielens, 'data/members.json'), 'members')
}

/** Opens a version of abuse-score; the probability of each message. */
export async function openAbuseScore(
  model: string,
): Promise<(rows: readonly MessageRow[]) => Promise<Float32Array>> {
  const session = await openGraph(model)
  return async (rows) => {
    const data = new Float32Array(rows.length * 57)
    for (let i = 0; i < rows.length; i++) {
      const row = rows[i]
      data.set(row.wordFrequencies, i * 57)
      data.set(row.charFrequencies, i * 57 + 48)
      data[i * 57 + 54] = row.capitalRunAverage
      data[i * 57 + 55] = row.capitalRunLongest
      data[i * 57 + 56] = row.capitalRunTotal
    }
    const { probability } = await session.run({ features: new Tensor('float32', data, [rows.length, 57]) })
    return probability.data as Float32Array
  }
}

const GENRES =
  'Action Adventure Animation Children Comedy Crime Documentary Drama Fantasy Film-Noir Horror IMAX Musical Mystery Romance Sci-Fi Thriller War Western'.split(
    ' ',
  )

/**
 * Opens a version of rating-predictor; the stars that `members[i]` would give `titles[i]`, of which the id counts, and from version
 * 4 on year and genres. One member may be given for all titles.
 */
export async function openRatingPredictor(
  model: string,
): Promise<(members: string | readonly string[], titles: readonly TitleRow[]) => Promise<Float32Array>> {
  const version = versionFolder(model)
  const session = await openGraph(model)
  const takesContent = session.inputNames.includes('content')
  const knownMembers = positions((require(join(version, 'members.json')) as number[]).map(String))
  const knownTitles = positions((require(join(version, 'titles.json')) as (string | number)[]).map(Number))
  const genrePlace = new Map(GENRES.map((name, index) => [name, index]))
  return async (members, titles) => {
    const rows = titles.length
    const member = new BigInt64Array(rows)
    const title = new BigInt64Array(rows)
    // Positions fit into the lower half of an int64, and no bigint need be made for them.
    const titleHalves = new Int32Array(title.buffer)
    const content = new Float32Array(takesContent ? rows * 20 : 0)
    if (typeof members === 'string') member.fill(BigInt(knownMembers.get(members) ?? 0))
    else for (let i = 0; i < rows; i++) member[i] = BigInt(knownMembers.get(members[i]) ?? 0)
    for (let i = 0; i < rows; i++) {
      const { id, year, genres } = titles[i]
      titleHalves[2 * i] = knownTitles.get(Number(id)) ?? 0 // another subgraph has ids as text
      if (!takesContent) continue
      for (const genre of genres) {
        const place = genrePlace.get(genre)
        if (place !== undefined) content[i * 20 + place] = 1
      }
      content[i * 20 + 19] = ((year ?? 1997) - 1900) / 10
    }
    const { rating } = await session.run({
      member: new Tensor('int64', member, [rows]),
      title: new Tensor('int64', title, [rows]),
      ...(takesContent && { content: new Tensor('float32', content, [rows, 20]) }),
    })
    return rating.data as Float32Array
  }
}
