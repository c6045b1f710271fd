import { join } from 'node:path'
import { Tensor } from 'onnxruntime-node'
import { openGraph, versionFolder } from './openGraph'
import { positions } from './positions'

/** A member as stored: what they have rated, oldest first. */
export interface MemberRow {
  readonly id: number
  readonly history: readonly { readonly titleId: number; readonly rating: number }[]
}

/** What the recommender asks of a member: ids of titles, as numbers or as text. */
export interface Rated {
  readonly likedTitleIds: readonly (number | string)[]
  readonly ratedTitleIds: readonly (number | string)[]
}

export interface Recommended {
  readonly title: { readonly id: string }
  readonly score: number
}

const LIKED_FROM = 4

export function ratedBy({ history }: MemberRow): Rated {
  return {
    likedTitleIds: history.filter(({ rating }) => rating >= LIKED_FROM).map(({ titleId }) => titleId),
    ratedTitleIds: history.map(({ titleId }) => titleId),
  }
}

/** Titles that the graph yields for a row, best first. */
const YIELDED = 50

/** Opens a version of title-recommender: for each member the best titles that they have not rated, `limit` at most. */
export async function openRecommender(
  model: string,
): Promise<(rows: readonly Rated[], limit: number) => Promise<Recommended[][]>> {
  const session = await openGraph(model)
  const ids = (require(join(versionFolder(model), 'titles.json')) as (string | number)[]).map(String)
  const places = positions(ids.map(Number))
  return async (rows, limit) => {
    const width = rows.reduce((most, { likedTitleIds }) => Math.max(most, likedTitleIds.length), 1)
    const history = new BigInt64Array(rows.length * width)
    const mask = new Float32Array(rows.length * width)
    for (let row = 0; row < rows.length; row++) {
      const liked = rows[row].likedTitleIds
      for (let at = 0; at < liked.length; at++) {
        history[row * width + at] = BigInt(places.get(Number(liked[at])) ?? 0)
        mask[row * width + at] = 1
      }
    }
    const answer = await session.run({
      history: new Tensor('int64', history, [rows.length, width]),
      history_mask: new Tensor('float32', mask, [rows.length, width]),
    })
    const titles = answer.titles.data as BigInt64Array
    const scores = answer.scores.data as Float32Array
    return rows.map(({ ratedTitleIds }, at) => {
      const rated = new Set(ratedTitleIds.map(String))
      const best: Recommended[] = []
      for (let one = at * YIELDED; one < (at + 1) * YIELDED && best.length < limit; one++) {
        const id = ids[Number(titles[one]) - 1]
        if (!rated.has(id)) best.push({ title: { id }, score: scores[one] })
      }
      return best
    })
  }
}
