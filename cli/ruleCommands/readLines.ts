import { createReadStream } from 'node:fs'

/** Reads a text file line by line, one chunk at a time. Calls `onPiece` with the number of bytes read so far. */
export async function readLines(
  file: string,
  onLine: (line: string, number: number) => void,
  onPiece: (bytes: number) => void = () => {},
): Promise<void> {
  let rest = ''
  let number = 0
  let bytes = 0
  const stream = createReadStream(file, { highWaterMark: 1 << 20, encoding: 'utf8' })
  for await (const piece of stream as AsyncIterable<string>) {
    // Some editors begin a file with a byte order mark.
    const lines = (rest + (bytes === 0 ? piece.replace(/^\uFEFF/, '') : piece)).split('\n')
    rest = lines.pop()!
    for (const line of lines) onLine(line, ++number)
    bytes = stream.bytesRead
    onPiece(bytes)
  }
  if (rest !== '') onLine(rest, ++number)
}
