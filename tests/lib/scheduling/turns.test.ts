import { atOnce, atOncePace, GentlePace, type Pieces, runInTurns } from '../../../lib/scheduling/turns'

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
  await expect(runInTurns(counted(5, done))).resolves.toBe('over')
  end()
  for (const pieces of [1, 2, 3, 4]) expect(seen).toContain(pieces)
})

test('what the work throws comes to the caller either way', async () => {
  function* failing(): Pieces<never> {
    yield
    throw new Error('no such piece')
  }
  expect(() => atOnce(failing())).toThrow('no such piece')
  await expect(runInTurns(failing())).rejects.toThrow('no such piece')
})

describe('a gentle pace', () => {
  let now = 0
  /** In which the machine stood still. */
  let still = 0
  let rests: unknown[] = []

  beforeEach(() => {
    now = 0
    still = 0
    rests = []
    jest.spyOn(performance, 'now').mockImplementation(() => now)
    jest.spyOn(process, 'cpuUsage').mockImplementation((before) => {
      return { user: 1000 * (now - still) - (before?.user ?? 0), system: 0 }
    })
    jest.spyOn(globalThis, 'setTimeout').mockImplementation(((resolve: () => void, ms: number) => {
      rests.push(ms)
      setImmediate(resolve)
    }) as unknown as typeof setTimeout)
  })

  afterEach(() => jest.restoreAllMocks())

  const lasting = (ms: number) => () => {
    now += ms
  }

  test('rests four times as long as a piece took before the next', async () => {
    const pace = new GentlePace()
    await pace.piece(lasting(3))
    expect(rests).toEqual([])
    await pace.piece(lasting(0.75))
    expect(rests).toEqual([12])
    await pace.piece(lasting(0))
    expect(rests).toEqual([12, 3])
  })

  test('rests after small pieces when they have taken half a millisecond together', async () => {
    const pace = new GentlePace()
    for (let piece = 0; piece < 4; piece++) await pace.piece(lasting(0.25))
    expect(rests).toEqual([2])
  })

  test('does not count a pause of the machine', async () => {
    const pace = new GentlePace()
    await pace.piece(() => {
      now += 3_001
      still += 3_000
    })
    await pace.piece(lasting(0))
    expect(rests).toEqual([4])
  })

  test('counts what a piece took that throws', async () => {
    const pace = new GentlePace()
    const failing = () => {
      now += 1
      throw new Error('no such piece')
    }
    await expect(pace.piece(failing)).rejects.toThrow('no such piece')
    await pace.piece(lasting(0))
    expect(rests).toEqual([4])
  })

  test('is what work in turns goes by', async () => {
    function* slow(): Pieces<string> {
      now += 1
      yield
      now += 2
      yield
      return 'over'
    }
    await expect(runInTurns(slow())).resolves.toBe('over')
    expect(rests).toEqual([4, 8])
  })

  test('is not kept where all is done at once', async () => {
    await atOncePace.piece(lasting(5))
    await atOncePace.piece(lasting(5))
    expect(rests).toEqual([])
  })
})
