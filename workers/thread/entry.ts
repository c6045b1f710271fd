import { parentPort } from 'node:worker_threads'
import { invariant } from '../../lib/invariant'
import { giveWay } from '../../lib/scheduling/giveWay'
import { answerRequests } from '../runtime/answerRequests'
import { releaseBuffers } from './releaseBuffers'

/** What a worker thread runs. It ends by closing its port: with nothing left to wait for, the thread is over, never inside a run. */
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
