import { z } from 'zod'
import { flag } from '../../lib/files/shapes'
import { createTextLog, type Log, logLevels } from '../../lib/log'
import { createJsonLog } from '../../telemetry/jsonLog'

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
  return pretty ? createTextLog(level, 'gateway', (text) => process.stderr.write(text)) : createJsonLog(level)
}
