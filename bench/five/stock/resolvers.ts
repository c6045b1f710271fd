import type { CreateResolvers } from '../../../serving/fields/subgraphModule'
import { readRows, requireSetting } from '../../../subgraphs/rows'
import { copiesOf, placesOf } from '../ofTitle'

export const createResolvers: CreateResolvers = (settings) => {
  const places = placesOf(readRows<{ id: number }>(requireSetting(settings, 'stock', 'titles'), 'titles'))
  return {
    Title: {
      __resolveReference({ id }: { id: string }) {
        const place = places.get(id)
        return place === undefined ? null : { id, copies: copiesOf(place) }
      },
    },
  }
}
