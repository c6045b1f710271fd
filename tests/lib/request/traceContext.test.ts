import { createClientRequest } from '../../../lib/request/clientRequest'

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const traceOf = (headers: Record<string, string | string[]>) =>
  createClientRequest({ id: '1', deadline: 0, headers }).trace

it('is what the client sent', () => {
  expect(traceOf({ traceparent })).toEqual({ traceparent })
  const tracestate = 'congo=t61rcWkgMzE,rojo=00f067aa0ba902b7'
  expect(traceOf({ traceparent, tracestate })).toEqual({ traceparent, tracestate })
  const later = `01${traceparent.slice(2)}-more`
  expect(traceOf({ traceparent: later })).toEqual({ traceparent: later })
})

it.each([
  ['nothing', {}],
  ['no hexadecimal digits', { traceparent: traceparent.replace('4b', 'xy') }],
  ['capitals', { traceparent: traceparent.toUpperCase() }],
  ['a trace of zeros', { traceparent: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }],
  ['a span of zeros', { traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01` }],
  ['the version that is none', { traceparent: `ff${traceparent.slice(2)}` }],
  ['a state alone', { tracestate: 'a=b' }],
])('%s is no trace', (_, headers) => {
  expect(traceOf(headers)).toBeUndefined()
})

it.each(['é=1', 'a='.padEnd(513, 'b'), ''])('a state that others could refuse is left out', (tracestate) => {
  expect(traceOf({ traceparent, tracestate })).toEqual({ traceparent })
})
