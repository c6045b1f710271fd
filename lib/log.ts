import { inspect } from 'node:util'
import type { Clock } from './clock'
import { PlainError } from './errors'

export const logLevels = ['debug', 'info', 'warn', 'error'] as const

export type LogLevel = (typeof logLevels)[number]

/** The context of a message. `error` is whatever was thrown, and is written whole. */
export interface LogFields {
  readonly [name: string]: unknown
  readonly error?: unknown
}

/** Where core code logs. `telemetry/` has the implementation for machines. */
export interface Log {
  /** Whether lines of this level are written, which does not change; check it before building fields. */
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

/**
 * Logs errors whole, with stack and cause, or as the line that says everything, but at most `perSecond` of them. A
 * failing subgraph can fail once per row, and logging all of that must not bring the process down.
 */
export type ErrorLog = (error: unknown, fields?: LogFields) => void

export interface ErrorLogOptions {
  readonly perSecond?: number
  /** What stands before an error that is written whole. */
  readonly message?: string
}

export function createErrorLog(
  log: Log,
  clock: Clock,
  { perSecond = 20, message = 'internal error' }: ErrorLogOptions = {},
): ErrorLog {
  let windowStart = Number.NEGATIVE_INFINITY
  let written = 0
  let left = 0
  return (error, fields) => {
    const now = clock.now()
    if (now - windowStart >= 1000) {
      if (left > 0) log.write('error', `${message}: ${left} more were not logged`)
      windowStart = now
      written = 0
      left = 0
    }
    if (written >= perSecond) {
      left++
      return
    }
    written++
    if (error instanceof PlainError) log.write('error', error.line, fields)
    else log.write('error', message, { ...fields, error })
  }
}
