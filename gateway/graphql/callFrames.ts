import { isMap } from '../../lib/isMap'

/*
 * Several calls of one gateway in one HTTP request, since HTTP costs more than most calls. A gateway asks with a header
 * whether a subgraph takes them, and one that does says so with the same header.
 *
 *     gateway ──{"bytes":98,"envelope":"Ab..","columns":"lists"} {"query":...} {"bytes":77} ...──────────> subgraph
 *     gateway <──{"bytes":31,"call":1,"status":200,"type":"application/json"} {"data":...} {"bytes":12} ── subgraph
 *
 * Calls and answers are frames: a line of JSON, and a body of so many bytes. The line has what would be headers of this
 * call alone: media type, envelope, columns. Answers come in the order in which they are ready.
 */

/** `1` in both directions. */
export const callsHeader = 'x-presage-calls'

/** The media type of calls and of their answers. */
export const callsType = 'application/x-presage-calls'

export const mostCalls = 32

/** The text of a frame; `head` lacks the length. */
export function frameText(head: object, body: string): string {
  return `${JSON.stringify({ bytes: Buffer.byteLength(body), ...head })}\n${body}`
}

/**
 * Cuts frames out of a stream. `take` gets unchecked heads. So does `takeLong`, of frames with more than `maxBodyBytes`,
 * which are passed over; without it, there must be none.
 */
export class FrameReader {
  private chunks: Buffer[] = []
  private held = 0
  /** So many bytes of a frame that is passed over are still to come. */
  private passing = 0
  /** So many bytes are needed for the next step. */
  private needed = 1

  constructor(
    private readonly maxBodyBytes: number,
    private readonly take: (head: Readonly<Record<string, unknown>>, body: string) => void,
    private readonly takeLong?: (head: Readonly<Record<string, unknown>>) => void,
  ) {}

  /** Whether the stream ends with a whole frame. */
  get isComplete(): boolean {
    return this.held === 0 && this.passing === 0
  }

  /** Throws for what is no frame. */
  push(chunk: Buffer): void {
    const passed = Math.min(this.passing, chunk.length)
    this.passing -= passed
    if (passed === chunk.length) return
    const rest = passed === 0 ? chunk : chunk.subarray(passed)
    this.chunks.push(rest)
    this.held += rest.length
    if (this.held < this.needed) return
    const bytes = this.chunks.length === 1 ? rest : Buffer.concat(this.chunks)
    let from = 0
    for (;;) {
      const end = bytes.indexOf(10, from)
      if (end === -1) {
        if (bytes.length - from > maxHeadBytes) throw new Error('a frame: must begin with a line')
        this.needed = bytes.length - from + 1
        break
      }
      const head: unknown = JSON.parse(bytes.toString('utf8', from, end))
      const length = isMap(head) ? head['bytes'] : undefined
      const isLong = (length as number) > this.maxBodyBytes
      if (!Number.isSafeInteger(length) || (length as number) < 0 || (isLong && this.takeLong === undefined))
        throw new Error(`a frame: must have 0 to ${this.maxBodyBytes} bytes, got ${length}`)
      const next = end + 1 + (length as number)
      if (isLong) {
        this.takeLong?.(head as Readonly<Record<string, unknown>>)
        this.passing = Math.max(0, next - bytes.length)
      } else if (next > bytes.length) {
        this.needed = next - from
        break
      } else this.take(head as Readonly<Record<string, unknown>>, bytes.toString('utf8', end + 1, next))
      from = Math.min(next, bytes.length)
      if (from === bytes.length) {
        this.needed = 1
        break
      }
    }
    this.held = bytes.length - from
    this.chunks = this.held === 0 ? [] : [bytes.subarray(from)]
  }
}

/** An envelope is shorter. */
const maxHeadBytes = 16_384
