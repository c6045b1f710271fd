import { createLocalExecutor } from '../../../gateway/local/localExecutor'
import { createHttpExecutor } from '../../../gateway/remote/httpExecutor'
import { subgraphExecutorContract } from '../../contracts/subgraphExecutor'
import { type Answerer, startGraphqlServer } from '../../support/graphqlServer'

describe('the executor in this process', () => {
  subgraphExecutorContract({
    async start(schema) {
      return { executor: createLocalExecutor('a', schema), async stop() {} }
    },
    async startBroken() {
      const contextValue = () => {
        throw new Error('no database')
      }
      return { executor: createLocalExecutor('a', {} as never, contextValue), async stop() {} }
    },
  })
})

describe('the executor over HTTP', () => {
  async function start(answer: Parameters<typeof startGraphqlServer>[0]) {
    const server = await startGraphqlServer(answer)
    const executor = createHttpExecutor({ name: 'a', url: server.url, timeoutMs: 60_000, retries: 0 })
    return {
      executor,
      async stop() {
        await executor.dispose?.()
        await server.close()
      },
    }
  }
  const down: Answerer = (_, response) => {
    response.writeHead(500, { 'content-type': 'text/html' }).end('<h1>out of order</h1>')
  }
  subgraphExecutorContract({ start, startBroken: () => start(down) })
})
