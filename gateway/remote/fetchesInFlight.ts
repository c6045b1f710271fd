import type { SharedFetch } from './sharedFetch'

type Headers = Readonly<Record<string, string>>

interface Entry {
  readonly headers: Headers
  readonly body: string
  readonly fetch: SharedFetch
}

/**
 * Fetches in flight, by headers and body. A Map is no alternative, for the reason that `LinkedList` gives; and it would
 * hash each body whole, while few are as long as another and end alike.
 */
export class FetchesInFlight {
  private buckets = emptyBuckets()

  find(headers: Headers, body: string): SharedFetch | undefined {
    for (const entry of this.buckets[bucketOf(body)])
      if (entry.body === body && isSame(entry.headers, headers)) return entry.fetch
    return undefined
  }

  add(headers: Headers, body: string, fetch: SharedFetch): void {
    this.buckets[bucketOf(body)].push({ headers, body, fetch })
  }

  /** Removes a fetch that was added with this body, unless it has been removed already. */
  remove(body: string, fetch: SharedFetch): void {
    const bucket = this.buckets[bucketOf(body)]
    const at = bucket.findIndex((entry) => entry.fetch === fetch)
    if (at === -1) return
    const last = bucket.pop()!
    if (at < bucket.length) bucket[at] = last
  }

  clear(): void {
    this.buckets = emptyBuckets()
  }
}

const bucketCount = 256
/** Variables and columns come last in a body. */
const readChars = 24

const emptyBuckets = (): Entry[][] => Array.from({ length: bucketCount }, () => [])

function bucketOf(body: string): number {
  let hash = body.length
  for (let at = Math.max(0, body.length - readChars); at < body.length; at++)
    hash = (Math.imul(hash, 31) + body.charCodeAt(at)) | 0
  return (hash ^ (hash >>> 8)) & (bucketCount - 1)
}

function isSame(a: Headers, b: Headers): boolean {
  if (a === b) return true
  const names = Object.keys(a)
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name])
}
