import { AnswerReader } from '../../bench/rawAnswer'

const whole = 'HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\nretry-after: 1\r\n\r\nbusy'
const chunked =
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\nA;x=y\r\n and \r\n te\r\n0\r\n\r\n'

function readIn(pieces: readonly string[]) {
  const reader = new AnswerReader()
  const answers = pieces.map((piece) => {
    const answer = reader.read(Buffer.from(piece))
    return answer && { status: answer.status, body: answer.body.toString() }
  })
  return answers
}

test('an answer is whole when as many bytes have come as its length says', () => {
  expect(readIn([whole])).toEqual([{ status: 503, body: 'busy' }])
  expect(readIn([whole, whole])).toEqual([
    { status: 503, body: 'busy' },
    { status: 503, body: 'busy' },
  ])
})

test.each([
  ['a length', whole, { status: 503, body: 'busy' }],
  ['chunks', chunked, { status: 200, body: 'one and \r\n te' }],
])('an answer with %s may come in pieces, wherever it is cut', (_, text, answer) => {
  for (let at = 1; at < text.length; at++) {
    expect(readIn([text.slice(0, at), text.slice(at)])).toEqual([undefined, answer])
  }
  expect(readIn([...text]).filter((one) => one !== undefined)).toEqual([answer])
})

test('the bytes of a piece may be used again before the next one comes', () => {
  const reader = new AnswerReader()
  const shared = Buffer.from(whole.slice(0, 40))
  reader.read(shared)
  shared.fill(0)
  expect(reader.read(Buffer.from(whole.slice(40)))?.body.toString()).toBe('busy')
})

test('an answer that ends with its connection is none that can be waited for', () => {
  expect(() => readIn(['HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{}'])).toThrow(
    'an answer must have a content-length or chunks, got HTTP/1.1 200 OK',
  )
})
