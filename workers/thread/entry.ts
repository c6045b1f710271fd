import { parentPort } from 'node:worker_threads'
import { invariant } from '../../lib/invariant'
import { giveWay } from '../../lib/scheduling/giveWay'
import { answerRequests } from '../runtime/answerRequests'
import { releaseBuffers } from './releaseBuffers'

/** The main module of a worker thread, which ends by closing its port, after its work is done. */
invariant(parentPort, 'workers/thread/entry must be started as a thread')
const port = parentPort
giveWay()
port.on(
  'message',
  answerRequests({
    send: (reply, buffers) => port.postMessage(reply, buffers),
    release: releaseBuffers,
    end: () => port.close(),
  }),
)
