import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

/** A page as it is kept: compressed only. */
export interface PageContent {
  /** Names these bytes and no others, as text of a few safe characters. */
  readonly tag: string
  /** In bytes, uncompressed. */
  readonly length: number
  readonly gzip: Uint8Array
  readonly br: Uint8Array
}

/** Compresses a page, on threads of the runtime. */
export async function packPage(html: string): Promise<PageContent> {
  const bytes = Buffer.from(html)
  const [gzipped, br] = await Promise.all([
    promisify(gzip)(bytes),
    promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality } }),
  ])
  const tag = createHash('sha256').update(bytes).digest('base64url').slice(0, 27)
  return { tag, length: bytes.length, gzip: gzipped, br }
}

/** Shorter than gzip in about its time; higher ones take many times as long for little more. */
const brotliQuality = 5
