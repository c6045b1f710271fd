import { hostname } from 'node:os'
import { createEnvelopeHeaders, type NamedRuleSet } from '../../gateway/remote/envelopeHeaders'
import { createHttpExecutor } from '../../gateway/remote/httpExecutor'
import { LoadError } from '../../lib/errors'
import type { SubgraphExecutor } from '../../lib/execution/subgraphExecutor'
import { platformName } from '../../platform/platformSource'
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
  return (name, written) => {
    const { url = written, ...settings } = callSettings(gateway, name)
    if (url === '') throw new LoadError([missingUrl(name)])
    return createHttpExecutor({
      name,
      url,
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

/** A supergraph names no URL of the built-in platform, unless `platform` in the configuration that it was made from has one. */
function missingUrl(name: string): string {
  return `subgraph ${name}: url: must be where this gateway reaches it, got none; say gateway.subgraphs.${name}.url in presage.yaml${name === platformName ? ', or platform: { url: ... } and compose again' : ''}`
}
