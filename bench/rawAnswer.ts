export interface RawAnswer {
  readonly status: number
  /** May lie in bytes that are used again. */
  readonly body: Buffer
}

/**
 * Finds the end of each answer on a kept connection, by `content-length` or by its chunks, and looks at nothing else of it. Throws on one
 * that has neither: it would end with its connection.
 */
export class AnswerReader {
  /** What has been read of an answer that is not whole, and how much that is. */
  private parts: Buffer[] = []
  private length = 0
  /** So long an answer with a `content-length` is; undefined while that is not known. */
  private whole: number | undefined
  private isChunked = false

  /** The answer, if its last byte has come. One request at a time: nothing follows it. */
  read(chunk: Buffer): RawAnswer | undefined {
    const length = this.length + chunk.length
    const mayBeWhole = this.isChunked ? endsChunks(chunk) : length >= (this.whole ?? 0)
    if (mayBeWhole) {
      const bytes = this.parts.length === 0 ? chunk : Buffer.concat([...this.parts, chunk])
      const answer = this.parse(bytes)
      if (answer !== undefined) {
        this.parts = []
        this.length = 0
        this.whole = undefined
        this.isChunked = false
        return answer
      }
    }
    // Copied, since it has to outlast the call.
    this.parts.push(Buffer.from(chunk))
    this.length = length
    return undefined
  }

  private parse(bytes: Buffer): RawAnswer | undefined {
    const end = bytes.indexOf('\r\n\r\n', 0, 'latin1')
    if (end === -1) return undefined
    const head = bytes.toString('latin1', 0, end)
    const status = Number(head.slice(9, 12))
    const start = end + 4
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)
    if (length !== null) {
      this.whole = start + Number(length[1])
      return bytes.length < this.whole ? undefined : { status, body: bytes.subarray(start, this.whole) }
    }
    if (!/\r\ntransfer-encoding: *chunked/i.test(head))
      throw new Error(`an answer must have a content-length or chunks, got ${head}`)
    this.isChunked = true
    const body = unchunked(bytes, start)
    return body && { status, body }
  }
}

/** Whether these may be the last bytes of an answer in chunks; true where too few have come to tell. */
function endsChunks(bytes: Buffer): boolean {
  return bytes.length < lastChunk.length || bytes.subarray(-lastChunk.length).equals(lastChunk)
}

const lastChunk = Buffer.from('0\r\n\r\n')

/** What chunks hold together; undefined if the last has not come. */
function unchunked(bytes: Buffer, start: number): Buffer | undefined {
  const parts: Buffer[] = []
  for (let at = start; ; ) {
    const end = bytes.indexOf('\r\n', at, 'latin1')
    if (end === -1) return undefined
    const size = Number.parseInt(bytes.toString('latin1', at, end), 16)
    const next = end + 2 + size + 2
    if (bytes.length < next) return undefined
    if (size === 0) return Buffer.concat(parts)
    parts.push(bytes.subarray(end + 2, end + 2 + size))
    at = next
  }
}
