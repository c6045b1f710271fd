import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { LoadError } from '../errors'
import { shortPath } from '../packagePaths'

/**
 * The bytes of a file with at most `most` bytes. Throws a LoadError if it is longer or not a regular file, and the
 * system's error if it does not exist. Never waits for a pipe, and reads no more of a long file than necessary.
 */
export function readWithin(path: string, most: number): Buffer {
  // Opening a pipe without a writer would block forever.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const found = fstatSync(file)
    if (!found.isFile())
      throw refused(path, 'must be a file', found.isDirectory() ? 'a folder' : 'something else')
    if (found.size > most) throw tooLong(path, most)
    // The size may be out of date, and some file systems always report 0.
    return readAll(file, path, most, found.size)
  } finally {
    closeSync(file)
  }
}

function readAll(file: number, path: string, most: number, expected: number): Buffer {
  let bytes = Buffer.allocUnsafe(Math.min(expected, most) + 1)
  let length = 0
  for (;;) {
    const read = readSync(file, bytes, length, bytes.length - length, null)
    if (read === 0) return bytes.subarray(0, length)
    length += read
    if (length > most) throw tooLong(path, most)
    if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * length, most) + 1)
  }
}

function tooLong(path: string, most: number): LoadError {
  return refused(path, `must have at most ${most} bytes`, 'more')
}

export function refused(path: string, expectation: string, got: string): LoadError {
  return new LoadError([`${shortPath(path)}: ${expectation}, got ${got}`])
}
