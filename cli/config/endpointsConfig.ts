import { z } from 'zod'

const error = 'must be a list of addresses such as 10.0.0.5:8001, each once'

const endpoint = z
  .string({ error: 'must be an address such as 10.0.0.5:8001' })
  .regex(/^(\[[0-9A-Fa-f:]+\]|[A-Za-z0-9._-]+):\d{1,5}$/, 'must be an address such as 10.0.0.5:8001')

/** The addresses of a shard's servers. */
export const endpointsShape = z
  .array(endpoint, { error })
  .min(1, error)
  .refine((all) => new Set(all).size === all.length, { error })
  .describe(
    'Addresses of servers that run the shard, each of one server; `presage worker` on their machines serves it.',
  )
