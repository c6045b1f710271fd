import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { acceptedEncoding, type Encoding } from '../http/acceptedEncoding'
import { sendErrors } from '../http/sendAnswer'
import type { PageContent } from './pageContent'

export interface Page extends PageContent {
  /** Its content security policy: what the browser may load for it, and from where. */
  readonly policy: string
}

/** Brings a page, which is kept. */
export type KeptPage = () => Promise<Page>

/** Makes a page when it is first asked for, and again if that failed or what it is made `from` has changed. */
export function keptPage(make: (from: string) => Promise<Page>, read = () => ''): KeptPage {
  let kept: { readonly from: string; readonly page: Promise<Page> } | undefined
  return () => {
    const from = read()
    if (kept?.from !== from) {
      const made = { from, page: make(from) }
      kept = made
      made.page.catch(() => {
        if (kept === made) kept = undefined
      })
    }
    return kept.page
  }
}

/** A policy with these sources: whatever else a page would load, send, or be framed by is refused. */
export function policyOf(...sources: readonly string[]): string {
  const nothingElse = ["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"]
  return ["default-src 'none'", ...sources, ...nothingElse].join('; ')
}

/**
 * Answers GET and HEAD with the page, compressed if the client accepts that, or with 304 if the client has it already.
 * Browsers keep the page but revalidate it each time, because its address stays the same after an upgrade.
 */
export async function sendPage(
  message: IncomingMessage,
  response: ServerResponse,
  page: KeptPage,
): Promise<void> {
  const { method, headers } = message
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD')
    const text = `a page must be asked for with GET, got ${method}; operations go to /graphql`
    sendErrors(response, 405, [{ message: text, extensions: { code: 'BAD_REQUEST' } }])
    return
  }
  const content = await page()
  const encoding = acceptedEncoding(headers['accept-encoding'] as string | undefined)
  // A strong tag identifies the bytes that are sent, so each encoding needs its own.
  const tag = `"${content.tag}-${encoding}"`
  response.setHeader('etag', tag).setHeader('cache-control', 'no-cache').setHeader('vary', 'accept-encoding')
  if (isKnown(headers['if-none-match'], tag)) {
    response.writeHead(304).end()
    return
  }
  if (encoding !== 'identity') response.setHeader('content-encoding', encoding)
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-length': encoding === 'identity' ? content.length : content[encoding].length,
    'content-security-policy': content.policy,
    'x-content-type-options': 'nosniff',
  })
  if (method === 'HEAD') response.end()
  else await sendBody(response, content, encoding)
}

/** Whether an `if-none-match` header names the tag. A proxy that changes the encoding marks it as weak. */
function isKnown(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag)
}

async function sendBody(response: ServerResponse, content: PageContent, encoding: Encoding): Promise<void> {
  if (encoding !== 'identity') {
    response.end(content[encoding])
    return
  }
  // Decompressed as the client reads, so that slow clients do not hold a whole page each.
  const gunzip = createGunzip()
  gunzip.end(content.gzip)
  await pipeline(gunzip, response).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error
  })
}
