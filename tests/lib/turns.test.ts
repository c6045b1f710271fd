import { atOnce, inTurns, type Pieces } from '../../lib/turns'

function* counted(pieces: number, done: number[]): Pieces<string> {
  for (let piece = 0; piece < pieces; piece++) {
    done.push(piece)
    yield
  }
  return 'over'
}

/** Reads on in every turn of the event loop until told to end; how far the work had come in each. */
function watched(done: readonly number[]): { readonly seen: number[]; end(): void } {
  const seen: number[] = []
  let isOver = false
  const look = () => {
    seen.push(done.length)
    if (!isOver) setImmediate(look)
  }
  setImmediate(look)
  return {
    seen,
    end: () => {
      isOver = true
    },
  }
}

test('all pieces are done at once, before anybody else has a turn', () => {
  const done: number[] = []
  expect(atOnce(counted(5, done))).toBe('over')
  expect(done).toEqual([0, 1, 2, 3, 4])
})

test('in turns, others come between any two pieces', async () => {
  const done: number[] = []
  const { seen, end } = watched(done)
  await expect(inTurns(counted(5, done))).resolves.toBe('over')
  end()
  for (const pieces of [1, 2, 3, 4]) expect(seen).toContain(pieces)
})

test('what the work throws comes to the caller either way', async () => {
  function* failing(): Pieces<never> {
    yield
    throw new Error('no such piece')
  }
  expect(() => atOnce(failing())).toThrow('no such piece')
  await expect(inTurns(failing())).rejects.toThrow('no such piece')
})
