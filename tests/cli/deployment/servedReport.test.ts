import { readyText } from '../../../cli/deployment/servedReport'
import type { VersionStatus } from '../../../serving/repository/modelRegistry'

it.each([
  [1, '0 of 1 model version is ready'],
  [2, '0 of 2 model versions are ready'],
])('of %d versions that load, says %p', (count, text) => {
  const version: VersionStatus = {
    key: 'm@1',
    name: 'm',
    version: '1',
    shards: [],
    state: { is: 'loading' },
  }
  expect(readyText(new Array(count).fill(version))).toBe(text)
})
