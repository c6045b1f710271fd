import type { InitializeHook, ResolveHook } from 'node:module'
import type { MessagePort } from 'node:worker_threads'

export interface HookData {
  /** The current edition, shared with the thread that increments it. */
  readonly edition: Int32Array
  /** Receives the URL of each imported file of a project. */
  readonly port: MessagePort
}

let hooked: HookData

export const initialize: InitializeHook<HookData> = (data) => {
  hooked = data
}

/** Adds the current edition as a query to the URLs of a project's files, but not to packages or Node's own modules. */
export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  const resolved = await nextResolve(specifier, context)
  const { url } = resolved
  if (!url.startsWith('file:') || url.includes('/node_modules/')) return resolved
  const plain = new URL(url)
  plain.search = ''
  hooked.port.postMessage(plain.href)
  plain.search = `?edition=${Atomics.load(hooked.edition, 0)}`
  return { ...resolved, url: plain.href }
}
