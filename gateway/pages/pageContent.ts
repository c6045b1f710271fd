import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** A page in its compressed forms, the only ones kept. */
export interface PageContent {
  /** A digest of the page, in characters that are safe in a header. */
  readonly tag: string
  /** In bytes, uncompressed. */
  readonly length: number
  readonly gzip: Uint8Array
  readonly br: Uint8Array
}

/** Compresses a page on libuv's threads. */
export async function packPage(html: string): Promise<PageContent> {
  const bytes = Buffer.from(html)
  const [gzipped, br] = await Promise.all([
    promisify(gzip)(bytes),
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
  ])
  const tag = createHash('sha256').update(bytes).digest('base64url').slice(0, 27)
  return { tag, length: bytes.length, gzip: gzipped, br }
}

/** Shorter than gzip in about the same time; higher qualities take far longer and gain little. */
const brotliQuality = 5
