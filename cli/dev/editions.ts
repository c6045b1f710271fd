import { register } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads'
import { compiledPath } from '../../lib/packagePaths'
import type { HookData } from './moduleHooks'

/** Makes Node reload the ES modules of a project: each edition has URLs of its own. */
export interface Editions {
  /** Later imports read their files again. Modules of earlier editions stay in memory: Node never unloads one. */
  next(): void
  /** The files that have been imported so far. */
  files(): Iterable<string>
}

/** Call once, before the first import. */
export function startEditions(): Editions {
  const edition = new Int32Array(new SharedArrayBuffer(4))
  const { port1: told, port2: port } = new MessageChannel()
  const data: HookData = { edition, port }
  register(pathToFileURL(compiledPath('cli/dev/moduleHooks')), { data, transferList: [port] })
  told.unref()
  const files = new Set<string>()
  return {
    next: () => void Atomics.add(edition, 0, 1),
    files() {
      for (let one = receiveMessageOnPort(told); one !== undefined; one = receiveMessageOnPort(told))
        files.add(fileURLToPath(one.message))
      return files
    },
  }
}
