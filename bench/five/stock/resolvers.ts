import type { CreateResolvers } from '../../../serving/fields/subgraphModule'
import { ownRows } from '../../../subgraphs/rows'
import { copiesOf, placesOf } from '../ofTitle'

export const createResolvers: CreateResolvers = (settings) => {
  const places = placesOf(ownRows<{ id: number }>(settings, 'stock', 'titles'))
  return {
    Title: {
      __resolveReference({ id }: { id: string }) {
        const place = places.get(id)
        return place === undefined ? null : { id, copies: copiesOf(place) }
      },
    },
  }
}
