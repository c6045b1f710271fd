import { parentPort, workerData } from 'node:worker_threads'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { invariant } from '../../lib/invariant'
import { packPage } from './pageContent'

// The body of the thread that `idePage` starts.
invariant(parentPort !== null, 'it runs in a thread of its own')
const port = parentPort
packPage(renderGraphiQL(workerData)).then((content) => port.postMessage(content))
