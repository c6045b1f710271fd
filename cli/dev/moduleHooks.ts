import type { InitializeHook, ResolveHook } from 'node:module'
import type { MessagePort } from 'node:worker_threads'

export interface HookData {
  /** One number, shared with the thread that counts it up. */
  readonly edition: Int32Array
  /** Gets the URL of each file of a project that is imported. */
  readonly port: MessagePort
}

let hooked: HookData

export const initialize: InitializeHook<HookData> = (data) => {
  hooked = data
}

/** Files of a project get the edition that is current as their query; packages and Node's own modules do not. */
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
