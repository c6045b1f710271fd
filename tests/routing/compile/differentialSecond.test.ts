import { compareHalf } from '../compareRandomly'

test('50,000 random rule sets, second half: the compiled rules decide as the specification says', () => {
  compareHalf(43)
}, 180_000)
