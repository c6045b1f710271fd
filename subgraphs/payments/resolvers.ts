import type { CreateResolvers } from '../../serving/fields/subgraphModule'
import { page } from '../page'
import { readRows, requireSetting } from '../rows'

/** The other fields have the same names in the schema and need no resolvers. */
interface Payment {
  readonly id: number
}

export const createResolvers: CreateResolvers = (settings) => {
  const payments = readRows<Payment>(requireSetting(settings, 'payments', 'payments'), 'payments')
  const byId = new Map(payments.map((payment) => [String(payment.id), payment]))

  return {
    Query: {
      payments: (_: unknown, args: { first?: number | null; skip?: number | null }) =>
        page(payments, args, 20),
      payment: (_: unknown, { id }: { id: string }) => byId.get(id) ?? null,
    },
    Payment: {
      __resolveReference: ({ id }: { id: string }) => byId.get(id) ?? null,
    },
  }
}
