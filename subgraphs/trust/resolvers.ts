import type { CreateResolvers } from '../../serving/fields/subgraphModule'
import { page } from '../page'
import { readRows, requireSetting } from '../rows'

/** The other fields have the same names in the schema and need no resolvers. */
interface Message {
  readonly id: number
}

export const createResolvers: CreateResolvers = (settings) => {
  const messages = readRows<Message>(requireSetting(settings, 'trust', 'messages'), 'messages')
  const byId = new Map(messages.map((message) => [String(message.id), message]))

  return {
    Query: {
      messages: (_: unknown, args: { first?: number | null; skip?: number | null }) =>
        page(messages, args, 20),
      message: (_: unknown, { id }: { id: string }) => byId.get(id) ?? null,
    },
    Message: {
      __resolveReference: ({ id }: { id: string }) => byId.get(id) ?? null,
    },
  }
}
