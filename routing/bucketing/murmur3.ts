// Looked up once, because access to a global is slow where globals are guarded, as in tests.
const { imul } = Math

/**
 * MurmurHash3 x86 32 (Austin Appleby, public domain), seed 0, over the UTF-8 bytes of `prefix + text`. A salt is hashed
 * once, as a prefix. ASCII units are hashed from there without building a string or bytes.
 */
export interface MurmurPrefix {
  readonly text: string
  /** The state after all complete blocks of four bytes. */
  readonly state: number
  /** The remaining bytes, the first one in the lowest byte. */
  readonly rest: number
  readonly restLength: number
  /** In bytes. */
  readonly length: number
}

export function murmurPrefix(text: string): MurmurPrefix {
  const bytes = encoder.encode(text)
  let state = 0
  let at = 0
  for (; at + 4 <= bytes.length; at += 4) state = mixBlock(state, readBlock(bytes, at))
  let rest = 0
  for (let i = at; i < bytes.length; i++) rest |= bytes[i] << (8 * (i - at))
  return { text, state, rest, restLength: bytes.length - at, length: bytes.length }
}

/** The hash of `prefix + text`, 0 to 2^32 - 1. */
export function murmur3From(prefix: MurmurPrefix, text: string): number {
  let state = prefix.state
  let block = prefix.rest
  let shift = prefix.restLength << 3
  const length = text.length
  for (let at = 0; at < length; at++) {
    const unit = text.charCodeAt(at)
    if (unit > 0x7f) {
      const whole = murmurPrefix(prefix.text + text)
      return finish(whole.state, whole.rest, whole.length)
    }
    block |= unit << shift
    if (shift === 24) {
      state = mixBlock(state, block)
      block = 0
      shift = 0
    } else shift += 8
  }
  return finish(state, block, prefix.length + length)
}

const encoder = new TextEncoder()

function readBlock(bytes: Uint8Array, at: number): number {
  return bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)
}

function mixBlock(state: number, block: number): number {
  const mixed = state ^ scramble(block)
  return (imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0
}

function scramble(block: number): number {
  const k = imul(block, 0xcc9e2d51)
  return imul((k << 15) | (k >>> 17), 0x1b873593)
}

/** `rest` holds the last zero to three bytes. If there are none it is 0, which leaves the hash unchanged. */
function finish(state: number, rest: number, length: number): number {
  let hash = state ^ scramble(rest) ^ length
  hash = imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
