/**
 * `npm run bench:compare -- REV1 REV2 [--only CASE] [--quick]`: two git revisions of Presage side by side, each built in a
 * folder of its own and started anew for every case; `.` stands for the working tree. Prints the CPU of both and how many
 * times as much the second takes, with the lowest and highest of the rounds.
 */
import { parseArgs } from 'node:util'
import { cases, pickCases } from './cases'
import { runCommand } from './command'
import { type Measured, measure } from './measure'
import { ratio } from './ratio'
import { builtRevision } from './revision'
import { sameAnswers } from './sameAnswers'
import { type BenchServer, startPresageFor } from './servers'
import { full, quick } from './settings'

/** Unless others are named; not those that take a graph of the bench's own, which old revisions do not have. */
const compared = cases.filter(({ usual, endpoint }) => usual !== undefined && endpoint !== 'five')

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
    },
  })
  if (positionals.length !== 2) {
    throw new Error(`bench:compare: must be given two revisions, got ${positionals.join(' ') || 'none'}`)
  }
  const none = values.only.find((name) => pickCases([name]).length === 0)
  if (none !== undefined) {
    throw new Error(`--only: must be one of ${cases.map(({ name }) => name).join(', ')}, got ${none}`)
  }
  const settings = values.quick ? quick : full
  const folders = positionals.map(builtRevision)
  for (const benchCase of values.only.length > 0 ? pickCases(values.only) : compared) {
    const servers: Record<string, BenchServer> = {}
    try {
      // Numbered, for a revision may well be compared with itself: that tells what the machine makes of nothing.
      for (const [at, folder] of folders.entries()) {
        servers[`${at + 1} ${positionals[at]}`] = await startPresageFor(benchCase, folder)
      }
      await sameAnswers(benchCase, servers)
      print(benchCase.title, await measure(benchCase, servers, settings))
    } finally {
      for (const server of Object.values(servers)) server.stop()
    }
  }
}

function print(title: string, measured: Readonly<Record<string, Measured>>): void {
  console.log(title)
  for (const [name, { median, rounds, residentMegabytes }] of Object.entries(measured)) {
    const all = rounds.map(({ cpuMicros }) => cpuMicros.toFixed(0)).join(', ')
    console.log(
      `  ${name.padEnd(20)} CPU ${median.cpuMicros.toFixed(0)} µs a request (${all}), p50 ${median.p50.toFixed(2)} ms, p99 ${median.p99.toFixed(2)} ms, ${residentMegabytes.toFixed(0)} MB`,
    )
  }
  const [first, second] = Object.values(measured)
  const { median, lowest, highest } = ratio(first, second)
  console.log(
    `  the second takes ${median.toFixed(3)} times the CPU of the first (${lowest.toFixed(3)} to ${highest.toFixed(3)})\n`,
  )
}

runCommand(main)
