import { BusiestVersion } from '../../inference/statistics/busiestVersion'

describe('the version that keeps a worker busiest', () => {
  it('is the one whose runs took most of the time, however long others waited', () => {
    const uses = new BusiestVersion()
    for (let request = 0; request < 10; request++) uses.count('hot@1', 10 * request, 60)
    uses.count('cold@1', 200, 200)
    expect(uses.take(1_000, 1, 0.1)).toEqual([
      'named_metrics.busiest.hot@1=0.600',
      'named_metrics.busiest_wait_seconds=0.045',
    ])
    expect(uses.take(1_000, 1, 0.1)).toEqual([])
  })

  it('has requests that were not answered wait too, and takes its part of what is busiest: workers or event loop', () => {
    const uses = new BusiestVersion()
    const count = () => {
      uses.count('hot@1', 50, 300)
      uses.count('hot@1', 250, 0)
      uses.count('cold@1', 0, 100)
    }
    count()
    expect(uses.take(1_000, 2, 0.1)[0]).toBe('named_metrics.busiest.hot@1=0.150')
    count()
    expect(uses.take(1_000, 2, 0.8)).toEqual([
      'named_metrics.busiest.hot@1=0.600',
      'named_metrics.busiest_wait_seconds=0.150',
    ])
  })
})
