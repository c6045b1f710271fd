import fc from 'fast-check'
import { anyValue } from '../arbitraries'
import { editedBytes } from './editedBytes'

const good = '{"query":"query ($n: Int) { titles(first: $n) { id } }","variables":{"n":1}}'
const numbers = [
  '1e999',
  '-1e999',
  '1e-999',
  '9'.repeat(400),
  '0.1e',
  '01',
  '-',
  'NaN',
  '2147483648',
  '1.0',
  '-0',
]
/** Bodies that are a good one but for something. */
export const oddBody: fc.Arbitrary<string | Buffer> = fc.oneof(
  editedBytes(fc.constant(Buffer.from(good))),
  fc.constantFrom(...numbers).map((number) => good.replace('"n":1', `"n":${number}`)),
  fc
    .tuple(fc.constantFrom('[', '{"a":', '[{"query":'), fc.nat(5000))
    .map(([open, times]) => open.repeat(times)),
  fc.nat(3000).map((depth) => good.replace('"n":1', `"n":${'['.repeat(depth)}${']'.repeat(depth)}`)),
  fc
    .array(
      fc.oneof(
        fc.constant(good),
        anyValue.map((one) => JSON.stringify(one) ?? ''),
      ),
      { maxLength: 5 },
    )
    .map((all) => `[${all.join(',')}]`),
  fc
    .tuple(fc.constantFrom('query', 'variables', 'operationName', 'extensions'), anyValue)
    .map(([key, one]) => `${good.slice(0, -1)},"${key}":${JSON.stringify(one)}}`),
  fc.constantFrom(
    Buffer.from(`\ufeff${good}`),
    Buffer.from(good, 'utf16le'),
    Buffer.from(good.replace('id', '\udc00'), 'latin1'),
  ),
  fc.constant(`{"query":"{ titles { id } }","x":"${'x'.repeat(1_100_000)}"}`),
)
