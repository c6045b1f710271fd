import { isLoopback } from '../lib/loopback'
import type { Config } from './config'
import { startDeployment } from './startDeployment'

/** Serves until SIGTERM or SIGINT, then finishes what is in flight and exits with 0. */
export async function start(config: Config, port: number | undefined): Promise<void> {
  const deployment = await startDeployment(config, { port, log: (line) => console.error(line) })
  let stopping = false
  const stop = () => {
    if (stopping) return
    stopping = true
    deployment.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error)
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  const { tryModel, server } = config
  if (tryModel)
    console.error('Anyone who reaches this server may read it and run any model version (tryModel).')
  if (tryModel && !isLoopback(server.host)) {
    console.error(`It listens on ${server.host}, which others can reach: consider tryModel: false.`)
  }
  await deployment.loaded
  const versions = deployment.serving.registry.list()
  const ready = versions.filter((version) => version.state.is === 'ready').length
  console.error(`${ready} of ${versions.length} model versions are ready`)
  console.error(`Presage serves ${deployment.url}`)
}
