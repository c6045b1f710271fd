import { invariant } from '../../lib/invariant'
import { giveWay } from '../../lib/scheduling/giveWay'
import { answerRequests } from '../runtime/answerRequests'

/** The main module of a worker process. */
invariant(process.send, 'workers/process/entry must be forked')
process.title = 'presage worker'
giveWay()

// A terminal or supervisor signals the whole process group; the parent drains this process and then ends it.
process.on('SIGINT', () => {})
process.on('SIGTERM', () => {})
// The parent is gone, for whatever reason. A reply may be the first to find that out.
const end = () => process.exit(0)
process.on('disconnect', end)

process.on(
  'message',
  answerRequests({
    send: (reply) => process.send?.(reply, undefined, undefined, (error) => error && end()),
    end,
  }),
)
