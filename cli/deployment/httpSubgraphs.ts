import { hostname } from 'node:os'
import { createEnvelopeHeaders, type NamedRuleSet } from '../../gateway/remote/envelopeHeaders'
import { createHttpExecutor } from '../../gateway/remote/httpExecutor'
import type { SubgraphExecutor } from '../../lib/execution/subgraphExecutor'
import type { Config } from '../config/config'
import { callSettings } from '../config/gatewayConfig'
import { createLog } from '../config/logConfig'
import { envelopeKeys } from '../config/trustConfig'
import { isOpen } from './createTrust'

/**
 * Creates the HTTP calls to subgraphs, from the sections `gateway` and `trust` of the configuration, for a gateway that
 * listens on `host`. `ruleSetOf` tells which rule set decides a request, if this process knows it.
 */
export function httpSubgraphs(
  config: Config,
  host: string,
  ruleSetOf: () => NamedRuleSet | undefined,
): (name: string, url: string) => SubgraphExecutor {
  const { gateway, trust } = config
  const headers = createEnvelopeHeaders({
    key: envelopeKeys(trust)[0],
    origin: `gateway at ${hostname()}`,
    isOpen: isOpen(trust, host),
    ruleSetOf,
  })
  const log = createLog(config.log)
  return (name, url) => {
    const settings = callSettings(gateway, name)
    return createHttpExecutor({
      name,
      url: settings.url ?? url,
      timeoutMs: settings.timeout,
      retries: settings.retries,
      connections: settings.connections,
      maxAnswerBytes: settings.answerBytes,
      forwardHeaders: settings.forwardHeaders,
      headers,
      onReach(error) {
        if (error === undefined) log.write('warn', `subgraph ${name}: answers again`)
        else log.write('error', `subgraph ${name}: ${error.message}; start it, or correct its URL`)
      },
    })
  }
}
