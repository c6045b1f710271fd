import { readFileSync } from 'node:fs'

/** Resolvers of all fields without @predict. `settings` come from `subgraphs.orders` in presage.yaml. */
export function createResolvers(settings) {
  const orders = JSON.parse(readFileSync(settings.orders, 'utf8'))
  const byId = new Map(orders.map((order) => [order.id, order]))
  return {
    Query: {
      orders: (_, { category }) =>
        category ? orders.filter((order) => order.category === category) : orders,
      order: (_, { id }) => byId.get(id) ?? null,
    },
    Order: {
      __resolveReference: ({ id }) => byId.get(id) ?? null,
    },
  }
}
