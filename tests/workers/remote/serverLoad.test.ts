import { ServerLoad } from '../../../workers/remote/balancing/serverLoad'
import { usualCancel } from '../../../workers/remote/cancel'

describe('the load that a server tells', () => {
  /** A server that tells this each second, while we make 10 calls a second of 20 ms each. */
  function loaded(told: string): ServerLoad {
    const load = new ServerLoad()
    for (let call = 0; call < 30; call++) {
      const second = Math.floor(call / 10)
      load.observe(`${told}${' '.repeat(second)}`, 20, 1_000 + call * 100)
    }
    return load
  }

  it('counts as the calls that others have there at once', () => {
    expect(loaded('TEXT cpu_utilization=0.2,rps_fractional=110').others(4_000)).toBe(2)
    expect(
      loaded('JSON {"cpu_utilization":0.2,"rps_fractional":110,"named_metrics":{"a":1}}').others(4_000),
    ).toBe(2)
  })

  it('is not our own', () => {
    expect(loaded('TEXT cpu_utilization=0.2,rps_fractional=11').others(4_000)).toBe(0)
  })

  it('makes calls cost more near its limit, by the application’s own measure if it has one', () => {
    expect(loaded('TEXT cpu_utilization=0.7').strain(4_000)).toBe(1)
    expect(loaded('TEXT cpu_utilization=0.9').strain(4_000)).toBeCloseTo(3)
    expect(loaded('TEXT cpu_utilization=5').strain(4_000)).toBeCloseTo(6)
    expect(loaded('TEXT cpu_utilization=0.9,application_utilization=0.1').strain(4_000)).toBe(1)
  })

  it('names the version that kept the server busiest, and how long its requests waited', () => {
    const told =
      'TEXT cpu_utilization=0.2,named_metrics.busiest.rating-predictor@1.2=0.83,named_metrics.busiest_wait_seconds=0.14'
    expect(loaded(told).busiest(4_000)).toEqual({ key: 'rating-predictor@1.2', part: 0.83, waitMs: 140 })
    expect(loaded(told).busiest(6_100)).toBeUndefined()
    expect(loaded('TEXT cpu_utilization=0.2').busiest(4_000)).toBeUndefined()
  })

  it('is forgotten after three seconds, so that the server is asked again', () => {
    const load = loaded('TEXT cpu_utilization=0.9,rps_fractional=110')
    expect([load.others(6_100), load.strain(6_100)]).toEqual([0, 1])
  })

  it.each(['', 'BIN AAAA', 'JSON {', 'JSON 7', 'TEXT', 'TEXT cpu_utilization=much,rps_fractional=-3'])(
    'is none in what cannot be read: %s',
    (told) => {
      const load = loaded(told)
      expect([load.others(4_000), load.strain(4_000)]).toEqual([0, 1])
    },
  )
})

it.each([
  ['presage', '0.1.0', 'rpc'],
  ['triton', '2.69.0', 'rpc'],
  ['triton', '2.57.0', 'rpc'],
  ['triton', '2.52.0', 'timeout-only'],
  ['triton', '', 'timeout-only'],
  ['mlserver', '1.7.1', 'timeout-only'],
  ['', '', 'timeout-only'],
])('calls to %s %s end by %s', (name, version, cancel) => {
  expect(usualCancel({ name, version })).toBe(cancel)
})
