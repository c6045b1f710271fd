import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { LoadError } from '../errors'
import { shortPath } from '../packagePaths'

/**
 * The bytes of a file that has at most `most` of them. Throws a LoadError for what is longer or no file; the system's own error
 * where there is none. What is no file is never waited for, and of a longer one no more is read than shows that it is.
 */
export function readWithin(path: string, most: number): Buffer {
  // A pipe that nobody writes to would keep who opens it for ever.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const found = fstatSync(file)
    if (!found.isFile())
      throw refused(path, 'must be a file', found.isDirectory() ? 'a folder' : 'something else')
    if (found.size > most) throw tooLong(path, most)
    // The size may be out of date, and of some file systems it is always 0.
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

function refused(path: string, expectation: string, got: string): LoadError {
  return new LoadError([`${shortPath(path)}: ${expectation}, got ${got}`])
}
