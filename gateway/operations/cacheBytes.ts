import { getHeapStatistics } from 'node:v8'
import type { Place } from '../../federation/operations/normalOperation'

/** The most memory that each cache of documents or compiled operations may take, by the estimates below. */
export const cacheBytes = getHeapStatistics().heap_size_limit / 12

/** Of a parsed document, by its text. The nodes of short ones know their places in it, and keep its tokens. */
export function documentBytes(text: string): number {
  return text.length * (isLong(text) ? 20 : 60)
}

/** Of the literals of a text, for each of its characters: each is an object, even each number in a list. */
export const literalBytes = 25
/** Of a compiled fetch, for each character of its text. */
export const fetchBytes = 50
/** Of a compiled answer, for each of its fields. */
const fieldBytes = 400

/** Of the compiled writing of an answer. */
export function answerBytes(root: Place, seen = new Set<Place>()): number {
  if (seen.has(root)) return 0
  seen.add(root)
  let bytes = 0
  for (const { shown } of root.shapes.values()) {
    bytes += shown.length * fieldBytes
    for (const field of shown) {
      if (field.key !== undefined && field.place !== undefined) bytes += answerBytes(field.place, seen)
    }
  }
  return bytes
}

/** Whether parsing, validating or compiling it takes milliseconds: it has more than about a hundred fields. */
export function isLong(text: string): boolean {
  return text.length >= 2000
}
