import type { CreateResolvers } from '../../../serving/fields/subgraphModule'
import { ownRows } from '../../../subgraphs/rows'
import { ofTitle, placesOf } from '../ofTitle'

/** The other fields have the names of the schema's and are read as they are. */
interface Row {
  readonly id: number
}

export const createResolvers: CreateResolvers = (settings) => {
  const rows = ownRows<Row>(settings, 'reviews', 'messages')
  const places = placesOf(ownRows<Row>(settings, 'reviews', 'titles'))
  return {
    Title: {
      __resolveReference({ id }: { id: string }) {
        const place = places.get(id)
        return place === undefined ? null : { id, review: ofTitle(rows, place) }
      },
    },
  }
}
