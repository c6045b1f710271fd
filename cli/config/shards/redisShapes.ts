import { z } from 'zod'
import { show } from '../../../lib/errors'
import { finishedIssue } from '../../../lib/files/shapeProblems'
import { text } from '../../../lib/files/shapes'

export const redisUrl = text
  .superRefine((url, context) => {
    const problem = urlProblem(url)
    if (problem === undefined) return
    // What stands before the last @ may be a password, also where it is no part of a URL.
    // So may what has nothing of a URL.
    const shown = /[:/@]/.test(url) ? url.replace(/^([a-z][\w+.-]*:\/\/)?.*@/is, '$1...@') : '...'
    context.addIssue(finishedIssue([], `${problem}, got ${show(shown)}`))
  })
  .describe('redis://user:password@host:port/db, or rediss:// for TLS.')

/** What a URL must be that is not one of a Redis. */
function urlProblem(url: string): string | undefined {
  const parsed = /^rediss?:\/\//.test(url) && URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || parsed.hostname === '' || !isDecodable(`${parsed.username}${parsed.password}`))
    return withEncoding('must be a URL such as redis://host:6379, or rediss:// for TLS', url)
  const { pathname, search, hash } = parsed
  return /^(\/\d*)?$/.test(`${pathname}${search}${hash}`)
    ? undefined
    : withEncoding('must end with its port or the number of a database, such as redis://host:6379/2', url)
}

function withEncoding(problem: string, url: string): string {
  return url.includes('@')
    ? `${problem}, and have %, /, ?, # and @ of a password as %25, %2F, %3F, %23 and %40`
    : problem
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

/** A name of a deployment or a process, from which keys in a store are made. */
export const redisName = z
  .string({ error: 'must be a name' })
  .regex(/^\w[\w.-]{0,99}$/, 'must be of letters, digits, "_", "." and "-", and have at most 100')
