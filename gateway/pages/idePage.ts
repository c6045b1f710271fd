import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { compiledPath } from '../../lib/packagePaths'
import type { Page } from './page'
import type { PageContent } from './pageContent'

/**
 * GraphiQL for the graph at /graphql, in a single page. It loads nothing from other hosts, and its content security
 * policy enforces that.
 *
 * The page is rendered on first request, in a thread, because building and compressing its large scripts would block
 * other requests. Only the compressed page is kept.
 */
export function createIdePage(): Page {
  let rendered: Promise<PageContent> | undefined
  return {
    policy,
    async content() {
      rendered ??= render().catch((error) => {
        rendered = undefined
        throw error
      })
      return rendered
    },
  }
}

async function render(): Promise<PageContent> {
  const worker = new Worker(compiledPath('gateway/pages/renderIde'), { workerData: options })
  const [content] = (await once(worker, 'message')) as [PageContent]
  return content
}

/** The library's scripts are inline, and its editor creates workers from blobs. */
const policy = [
  "default-src 'none'",
  "script-src 'unsafe-inline' blob:",
  "style-src 'unsafe-inline'",
  'worker-src blob:',
  "connect-src 'self'",
  "img-src 'self' data:",
  'font-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const favicon = `data:image/svg+xml,${encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><circle cx="8" cy="8" r="6" fill="none" stroke="#3b5bdb" stroke-width="2"/><circle cx="8" cy="8" r="2" fill="#3b5bdb"/></svg>',
)}`

const options = {
  title: 'Presage',
  favicon,
  endpoint: '/graphql',
  defaultQuery: `# Predictions are fields like any other: the explorer on the left shows the graph, and each prediction's description
# says what it is made from. Ctrl-Space completes, Ctrl-Enter runs.

query Graph {
  __schema {
    queryType {
      fields {
        name
        description
      }
    }
  }
}
`,
}
