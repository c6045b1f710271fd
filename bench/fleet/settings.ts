import type { FleetOptions } from './fleet'

/** The fleet is so many equal cells: gateways, and servers that only they ask. One is simulated. */
export const cells = 100

/**
 * A hundredth of a fleet of 1,000 servers that is asked a million times a second, for 100 rows each. The times are
 * measured ones; docs/decisions/044-fleet.md says where.
 */
export const cell: FleetOptions = {
  gateways: 7,
  servers: 10,
  calls: 8,
  copies: 2,
  versions: 100,
  tenants: 10,
  requestsPerSecond: 10_000,
  rows: [100],
  timeoutMs: 250,
  networkMs: 0.25,
  readMs: 0.025,
  startMs: 0.255,
  answerMs: 0.1,
  server: {
    callMs: 0.05,
    fixedMs: 0.024,
    rowMs: 0.0021,
    maxRows: 512,
    cores: 1,
    maxQueueRows: 50_000,
    versions: 60,
    loadMs: 100,
    jitter: 0.15,
    pausesPerSecond: 0.02,
    pauseMs: 50,
    drainMs: 3_000,
    restartMs: 2_000,
  },
}

/** The same servers, where each of many gateways asks all shards, and so sends each shard little. */
export const mesh: FleetOptions = { ...cell, gateways: 100 * cell.gateways, versions: 1 }
