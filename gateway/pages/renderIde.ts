import { parentPort, workerData } from 'node:worker_threads'
import { invariant } from '../../lib/invariant'
import { ideHtml } from './ideHtml'
import { packPage } from './pageContent'

// The body of the thread that `idePage` starts.
invariant(parentPort !== null, 'it runs in a thread of its own')
const port = parentPort
packPage(ideHtml(workerData as string)).then((content) => port.postMessage(content))
