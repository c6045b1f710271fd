import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { compiledPath } from '../../lib/packagePaths'
import { type KeptPage, keptPage, policyOf } from './page'
import type { PageContent } from './pageContent'

/**
 * GraphiQL for the graph at /graphql, in a single page that opens on the query that `readQuery` answers. It loads
 * nothing from other hosts, and its content security policy enforces that.
 *
 * The page is rendered on first request, and again when the query is another one, in a thread, because building and
 * compressing its large scripts would block other requests. Only the compressed page is kept.
 */
export function createIdePage(readQuery: () => string): KeptPage {
  return keptPage(async (query) => ({ ...(await render(query)), policy }), readQuery)
}

async function render(query: string): Promise<PageContent> {
  const worker = new Worker(compiledPath('gateway/pages/renderIde'), { workerData: query })
  const [content] = (await once(worker, 'message')) as [PageContent]
  return content
}

/** The library's scripts are inline, and its editor creates workers from blobs. */
const policy = policyOf(
  "script-src 'unsafe-inline' blob:",
  "style-src 'unsafe-inline'",
  'worker-src blob:',
  "connect-src 'self'",
  "img-src 'self' data:",
  'font-src data:',
)
