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
  /** What has been read of an answer that is not whole. */
  private rest: Buffer | undefined
  /** So long the rest must be before it is worth looking at it again. */
  private wanted = 0

  /** The answer, if its last byte has come. One request at a time: nothing follows it. */
  read(chunk: Buffer): RawAnswer | undefined {
    // Copied where it has to outlast the call.
    const bytes = this.rest === undefined ? chunk : Buffer.concat([this.rest, chunk])
    const answer = bytes.length < this.wanted ? undefined : this.parse(bytes)
    if (answer !== undefined) {
      this.rest = undefined
      this.wanted = 0
    } else this.rest = bytes === chunk ? Buffer.from(chunk) : bytes
    return answer
  }

  private parse(bytes: Buffer): RawAnswer | undefined {
    const end = bytes.indexOf('\r\n\r\n', 0, 'latin1')
    if (end === -1) return undefined
    const head = bytes.toString('latin1', 0, end)
    const status = Number(head.slice(9, 12))
    const start = end + 4
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)
    if (length !== null) {
      this.wanted = start + Number(length[1])
      return bytes.length < this.wanted ? undefined : { status, body: bytes.subarray(start, this.wanted) }
    }
    if (!/\r\ntransfer-encoding: *chunked/i.test(head))
      throw new Error(`an answer must have a content-length or chunks, got ${head}`)
    const body = unchunked(bytes, start)
    return body && { status, body }
  }
}

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
