import { inspect } from 'node:util'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const

export type LogLevel = (typeof logLevels)[number]

/** The context of a message. `error` is whatever was thrown, and is written whole. */
export interface LogFields {
  readonly [name: string]: unknown
  readonly error?: unknown
}

/** Where core code logs. `telemetry/` has the implementation for machines. */
export interface Log {
  /** Whether lines of this level are written; check it before building fields. */
  isOn(level: LogLevel): boolean
  write(level: LogLevel, message: string, fields?: LogFields): void
}

/**
 * Lines for people: `source: message: name=value: error with its stack`. `lowest` is the lowest level that is written.
 */
export function createTextLog(lowest: LogLevel, source: string, write: (text: string) => void): Log {
  const isOn = (level: LogLevel) => logLevels.indexOf(level) >= logLevels.indexOf(lowest)
  return {
    isOn,
    write(level, message, { error, ...fields } = {}) {
      if (!isOn(level)) return
      const facts = Object.entries(fields).map(([name, value]) => `${name}=${String(value)}`)
      const parts = [source, message, ...(facts.length > 0 ? [facts.join(' ')] : [])]
      if (error !== undefined) parts.push(inspect(error))
      write(`${parts.join(': ')}\n`)
    },
  }
}
