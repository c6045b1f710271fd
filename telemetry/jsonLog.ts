import { type DestinationStream, pino, stdSerializers } from 'pino'
import type { Log, LogLevel } from '../lib/log'
import { TextFile } from './textFile'

/** At most so many characters wait to be written while nobody reads; what comes then is dropped. */
const maxWaiting = 16_000_000

/** One JSON object a line, in pino's form, on standard error. `lowest` is the lowest level that is written. */
export function createJsonLog(lowest: LogLevel, stream: DestinationStream = standardError()): Log {
  const logger = pino(
    { level: lowest, serializers: { err: stdSerializers.err }, timestamp: pino.stdTimeFunctions.isoTime },
    stream,
  )
  return {
    isOn: (level) => logger.isLevelEnabled(level),
    write(level, message, { error, ...fields } = {}) {
      logger[level](error === undefined ? fields : { ...fields, err: error }, message)
    },
  }
}

let shared: DestinationStream | undefined

/** One for the process: each would ask to be flushed when it exits. */
function standardError(): DestinationStream {
  if (shared === undefined) {
    const file = new TextFile({ fd: 2, maxWaiting })
    process.on('exit', () => file.flush())
    shared = file
  }
  return shared
}
