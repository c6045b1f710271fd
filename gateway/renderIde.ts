import { parentPort, workerData } from 'node:worker_threads'
import { gzipSync } from 'node:zlib'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { invariant } from '../lib/invariant'

// The body of the thread that `idePage` starts.
invariant(parentPort !== null, 'it runs in a thread of its own')
const page = gzipSync(renderGraphiQL(workerData))
parentPort.postMessage(page)
