import { rawInput } from '../../inference/views/rawInput'

test('a body without JSON for an input of texts is one text in UTF-8', () => {
  const inputs = [{ name: 's', datatype: 'BYTES', shape: [-1] }]
  expect(rawInput(inputs, Buffer.from('Zoë'))).toMatchObject({ shape: [1], data: ['Zoë'] })
  expect(() => rawInput(inputs, Buffer.of(0x61, 0xff))).toThrow(
    'body without JSON: element 0 must be text in UTF-8',
  )
})
