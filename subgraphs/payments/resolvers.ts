import { rowResolvers } from '../rows'

export const createResolvers = rowResolvers('payments', 'Payment', 'payment', 'payments')
