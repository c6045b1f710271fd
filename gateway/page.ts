import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'

/** A page for people. */
export interface Page {
  /** Its content security policy: what the browser may load for it, and from where. */
  readonly policy: string
  /** The HTML, compressed. */
  gzipped(): Promise<Buffer>
}

/** Answers GET and HEAD with the page, compressed where the browser takes that. */
export async function sendPage(
  message: IncomingMessage,
  response: ServerResponse,
  page: Page,
): Promise<void> {
  if (message.method !== 'GET' && message.method !== 'HEAD') {
    response.writeHead(405, { allow: 'GET, HEAD' }).end()
    return
  }
  const gzipped = await page.gzipped()
  const takesGzip = /\bgzip\b/.test(String(message.headers['accept-encoding'] ?? ''))
  const body = takesGzip ? gzipped : await promisify(gunzip)(gzipped)
  if (takesGzip) response.setHeader('content-encoding', 'gzip')
  response
    .writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-length': body.length,
      'content-security-policy': page.policy,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
      vary: 'accept-encoding',
    })
    .end(body)
}
