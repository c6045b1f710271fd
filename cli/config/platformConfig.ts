import { z } from 'zod'
import { flag, strictShape } from '../../lib/files/shapes'
import { subgraphUrl } from './gatewayConfig'

/** The section `platform`: whether the built-in subgraph is part of the graph, and its URL if it runs on its own. */
export const platformShape = z
  .union([flag, strictShape({ url: subgraphUrl.describe('Its URL for gateways in other processes.') })], {
    error: 'must be true, false or { url: where gateways reach it }',
  })
  .default(false)
  .describe('Whether the graph has the built-in subgraph: models, objectives, rules, shadows, tryModel.')
