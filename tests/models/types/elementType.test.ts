import { fitsElement } from '../../../models/types/elementType'

test('a number fits a tensor of floats if it stays finite there', () => {
  const numbers = [3.4e38, 6.8e38, Infinity]
  expect(numbers.map((number) => fitsElement('float32', number))).toEqual([true, false, false])
  expect(numbers.map((number) => fitsElement('float64', number))).toEqual([true, true, false])
})
