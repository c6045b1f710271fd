import { z } from 'zod'
import { flag } from '../../lib/files/shapes'
import { createTextLog, type Log, logLevels } from '../../lib/log'
import { member } from '../processes/member'

/** The section `log`: what to log about requests and errors, on standard error. */
export const logShape = z
  .strictObject({
    level: z
      .enum(logLevels)
      .default('warn')
      .describe('The lowest level to log; info logs a line for each request.'),
    pretty: flag
      .optional()
      .describe('Lines for people instead of JSON; default: if standard error is a terminal.'),
  })
  .prefault({})

export function createLog({ level, pretty = process.stderr.isTTY === true }: z.infer<typeof logShape>): Log {
  if (!pretty) {
    // Loaded late: with it comes pino, which only servers need.
    const { createJsonLog }: typeof import('../../telemetry/jsonLog') = require('../../telemetry/jsonLog')
    return createJsonLog(level, member && { process: member.place })
  }
  const source = member === undefined ? 'gateway' : `process ${member.place}: gateway`
  return createTextLog(level, source, (text) => process.stderr.write(text))
}
