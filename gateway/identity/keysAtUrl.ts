import { isMap } from '../../lib/isMap'
import { readJson } from '../../lib/readJson'

/** A JWK set, whose keys nobody has read yet. */
export interface KeySet {
  readonly keys: object[]
}

/** The keys at a URL, as `T`. `get` and `newer` reject with KeysUnavailable. */
export interface KeysAtUrl<T> {
  /** Not older than ten minutes. */
  get(): Promise<T>
  /** Others than these, which came from here. Undefined while they are the last ones and less than 30 seconds old. */
  newer(than: T): Promise<T | undefined>
  /** Whether `get` has none, since it failed within the last minute. It is tried again, for those who ask later. */
  areAway(): boolean
}

/** Why the keys at a URL cannot be had. The message has nothing secret. */
class KeysUnavailable extends Error {}

/**
 * Fetches the keys at a URL when they are first needed. Neither forged tokens nor a failing URL cause a fetch for each
 * request: after a success and after a failure there is a pause, and whoever needs keys meanwhile gets those that are
 * there or the same error. `report` is told once of each kind of failure in a row of failures.
 *
 * The set of this kind in our library for tokens pauses only after a success, and waits forever for a body that stops
 * half-way.
 */
export function createKeysAtUrl<T>(
  url: string,
  read: (set: KeySet) => T,
  report: (problem: string) => void,
): KeysAtUrl<T> {
  const told = new Set<string>()
  /** The times are by the clock that never jumps. */
  let kept: { readonly keys: T; readonly fetchedAt: number } | undefined
  let failed: { readonly error: unknown; readonly at: number } | undefined
  let pending: Promise<T> | undefined

  async function fetchNow(): Promise<T> {
    try {
      const keys = read(await fetchKeys(url, patienceMs))
      kept = { keys, fetchedAt: performance.now() }
      told.clear()
      return keys
    } catch (error) {
      failed = { error, at: performance.now() }
      const { message } = error as Error
      if (!told.has(message)) report(`no keys for verifying tokens: ${message}`)
      told.add(message)
      throw error
    } finally {
      pending = undefined
    }
  }

  async function fetchUnlessFailed(): Promise<T> {
    if (hasFailedWithin(pauseAfterFailureMs)) throw failed!.error
    pending ??= fetchNow()
    return pending
  }

  const hasFailedWithin = (ms: number) => failed !== undefined && performance.now() - failed.at < ms
  const isYounger = (ms: number) => kept !== undefined && performance.now() - kept.fetchedAt < ms
  return {
    get: async () => (isYounger(maxAgeMs) ? kept!.keys : fetchUnlessFailed()),
    newer: async (than) => {
      if (!isYounger(pauseMs)) return fetchUnlessFailed()
      return kept!.keys === than ? undefined : kept!.keys
    },
    areAway() {
      if (isYounger(maxAgeMs) || !hasFailedWithin(awayMs)) return false
      fetchUnlessFailed().catch(() => {})
      return true
    },
  }
}

/** The JWK set at a URL. Throws KeysUnavailable. */
export async function fetchKeys(url: string, withinMs: number): Promise<KeySet> {
  const { address, authorization } = split(url)
  const fail = (came: string) =>
    new KeysUnavailable(`${shownUrl(url)}: must be answered with a JWK set, got ${came}`)
  let text: string
  try {
    const response = await fetch(address, {
      headers: {
        accept: 'application/json',
        // A connection kept until the next fetch, minutes later, may end just as that fetch begins, which then fails.
        connection: 'close',
        ...(authorization && { authorization }),
      },
      // Who may redirect to another address may be another than whose keys count.
      redirect: 'manual',
      signal: AbortSignal.timeout(withinMs),
    })
    text = await response.text()
    if (response.status !== 200) throw fail(`status ${response.status}`)
  } catch (error) {
    if (error instanceof KeysUnavailable) throw error
    const { name, code, message } = ((error as Error).cause ?? error) as NodeJS.ErrnoException
    throw fail(name === 'TimeoutError' ? `no answer within ${withinMs} ms` : (code ?? message))
  }
  const set = readJson(text)
  if (!isKeySet(set)) throw fail(set === undefined ? 'no JSON' : 'no list of keys')
  return set
}

/** A URL for messages: without user, password and query, which may be secret. */
export function shownUrl(url: string): string {
  const { origin, pathname, username, password, search } = new URL(url)
  return username || password || search ? `${origin}${pathname}` : url
}

/** The address without user and password, which `fetch` does not take, and the header that stands for them. */
function split(url: string): { readonly address: string; readonly authorization: string | undefined } {
  const address = new URL(url)
  const { username, password } = address
  if (username === '' && password === '') return { address: url, authorization: undefined }
  address.username = ''
  address.password = ''
  const user = decodeURIComponent(`${username}:${password}`)
  return { address: address.href, authorization: `Basic ${Buffer.from(user).toString('base64')}` }
}

function isKeySet(set: unknown): set is KeySet {
  const { keys } = (set ?? {}) as { readonly keys?: unknown }
  return Array.isArray(keys) && keys.every(isMap)
}

const patienceMs = 5_000
/** Not longer, since at start there are no keys before the first success. */
const pauseAfterFailureMs = 2_000
const pauseMs = 30_000
const awayMs = 60_000
const maxAgeMs = 600_000
