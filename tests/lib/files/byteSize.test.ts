import { inUnits } from '../../../lib/files/byteSize'

it.each([
  [1, '1 byte'],
  [1023, '1023 bytes'],
  [1024, '1 KiB'],
  [300 * 1024, '300 KiB'],
  [2 ** 20 - 1, '1.0 MiB'],
  [1.25 * 2 ** 20, '1.3 MiB'],
])('%s bytes are %s for people', (bytes, text) => {
  expect(inUnits(bytes)).toBe(text)
})
