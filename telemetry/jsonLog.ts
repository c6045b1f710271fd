import { type DestinationStream, pino, stdSerializers } from 'pino'
import type { Log, LogLevel } from '../lib/log'
import { TextFile } from './textFile'

/** The most characters that wait to be written; further lines are dropped. */
const maxWaiting = 16_000_000

/**
 * Logs one JSON object per line, in pino's format, to standard error. `lowest` is the lowest level that is written, and
 * every line has the fields of `origin`.
 */
export function createJsonLog(
  lowest: LogLevel,
  origin: Readonly<Record<string, unknown>> = {},
  stream: DestinationStream = standardError(),
): Log {
  const logger = pino(
    { level: lowest, serializers: { err: stdSerializers.err }, timestamp: pino.stdTimeFunctions.isoTime },
    stream,
  ).child(origin)
  return {
    isOn: (level) => logger.isLevelEnabled(level),
    write(level, message, { error, ...fields } = {}) {
      logger[level](error === undefined ? fields : { ...fields, err: error }, message)
    },
  }
}

let shared: DestinationStream | undefined

/** One per process, because each registers a flush at exit. */
function standardError(): DestinationStream {
  if (shared === undefined) {
    const file = new TextFile({ fd: 2, maxWaiting })
    process.on('exit', () => file.flush())
    shared = file
  }
  return shared
}
