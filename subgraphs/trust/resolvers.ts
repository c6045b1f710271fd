import { rowResolvers } from '../rows'

export const createResolvers = rowResolvers('trust', 'Message', 'message', 'messages')
