import { z } from 'zod'
import { text } from '../../../lib/files/shapes'

export const redisUrl = text
  .refine((url) => /^rediss?:\/\/./.test(url) && URL.canParse(url), {
    error: 'must be a URL such as redis://host:6379, or rediss:// for TLS',
  })
  .describe('redis://user:password@host:port/db, or rediss:// for TLS.')

/** A name of a deployment or a process, from which keys in a store are made. */
export const redisName = z
  .string({ error: 'must be a name' })
  .regex(/^\w[\w.-]{0,99}$/, 'must be of letters, digits, "_", "." and "-", and have at most 100')
