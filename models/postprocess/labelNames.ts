import { z } from 'zod'

const error = 'must be a list of different names'

/** The labels of an enum output. */
export const labelNames = z
  .array(z.string({ error }).regex(/^[A-Za-z_][A-Za-z0-9_]*$/, error), { error })
  .min(1, error)
  .refine((labels) => new Set(labels).size === labels.length, error)
