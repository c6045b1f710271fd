import { postQuery } from '../support/example'
import type { ServerProcess } from '../support/serverProcess'
import { until } from '../support/until'

/** Settles when a version has answered its golden cases, which it is asked again for where its server was late. */
export function untilReady({ url }: ServerProcess, key: string): Promise<void> {
  return until(async () => {
    const { data } = await postQuery(url, '{ models { name version ready } }')
    const models: readonly { name: string; version: string; ready: boolean }[] = data.models
    return models.some(({ name, version, ready }) => ready && `${name}@${version}` === key)
  })
}
