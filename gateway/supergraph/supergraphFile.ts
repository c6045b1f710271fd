import { resolve } from 'node:path'
import { LoadError } from '../../lib/errors'
import { FileWatch } from '../../lib/files/fileWatch'
import { readTextFile } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import { createSwappingGateway, type SwappingGateway, type SwappingOptions } from './swappingGateway'

export interface SupergraphFileOptions extends Omit<SwappingOptions, 'supergraphSdl'> {
  /** The file with a composed supergraph, as SDL. */
  readonly file: string
  /** Writes one line for the operator: that a new supergraph is served, or why it was refused. */
  readonly log?: (line: string) => void
  /** How often to check the file where the system does not report changes; default 1,000 ms. */
  readonly pollMs?: number
}

/**
 * A gateway that serves a supergraph file and follows it. A new supergraph is served without a restart. An invalid one
 * is refused with one line, and the last good one stays. Throws a LoadError if the file is invalid at the start. The
 * gateway's `stop` ends the watch.
 */
export function openSupergraphFile(options: SupergraphFileOptions): SwappingGateway {
  const file = resolve(options.file)
  const log = options.log ?? (() => {})
  const text = readTextFile(file)
  const gateway = inFile(file, () => createSwappingGateway({ ...options, supergraphSdl: text }))
  const watch = new FileWatch({
    file,
    text,
    pollMs: options.pollMs,
    clock: options.clock,
    onChange(changed) {
      try {
        inFile(file, () => gateway.swap(changed))
      } catch (error) {
        log(`${oneLine((error as Error).message)}; the last valid one stays in service`)
        return
      }
      log(`${shortPath(file)}: now in service, with the subgraphs ${gateway.subgraphs.join(', ')}`)
    },
    onMissing: ({ message }) => log(`${message}; the last valid one stays in service`),
  })
  const { stop } = gateway
  return Object.assign(gateway, {
    async stop() {
      watch.stop()
      await stop()
    },
  })
}

/** Adds the file to the problems of its supergraph. */
function inFile<T>(file: string, load: () => T): T {
  try {
    return load()
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    throw new LoadError(error.problems.map((problem) => `${shortPath(file)}: ${problem}`))
  }
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, '; ')
}
