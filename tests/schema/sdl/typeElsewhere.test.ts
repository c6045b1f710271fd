import { typeElsewhere } from '../../../schema/sdl/typeElsewhere'
import { source } from '../fixture'

it('parses the other schemas once for all unknown types', () => {
  const written = source('shop', 'enum Kind { FILM SERIES }\ntype Price { amount: Int }')
  let reads = 0
  const shop = {
    ...written,
    get sdl() {
      reads++
      return written.sdl
    },
  }
  expect(typeElsewhere('Unknown type Kind', [shop])).toContain('as shop has it: enum Kind { FILM SERIES }')
  expect(typeElsewhere('Unknown type Price', [shop])).toContain('as shop has it')
  expect(reads).toBe(1)
})
