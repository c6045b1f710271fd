const { default: Sequencer } = require('@jest/test-sequencer')

/** The test files that take longest, the longest first. */
const longest = [
  'interop/foreignServers',
  'package/tutorials',
  'python/python',
  'scenarios/remoteShards',
  'cli/processes/processes',
  'package/init',
  'console/page/views',
  'package/package',
  'differential/differential',
  'chaos/chaos',
  'cli/ruleCommands/ruleCommands',
  'cli/commands/commands',
  'scenarios/hostileVersions',
  'cli/modelCommands/modelCommands',
  'scenarios/modelsComeAndGo',
  'cli/graph/remoteSubgraphs',
  'fuzz/command/command',
  'scenarios/dev',
]

/**
 * Begins with the files that take longest, so that none of them runs alone at the end. Jest knows durations only from an
 * earlier run, and a clean checkout has none.
 */
module.exports = class extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = longest.findIndex((name) => path.endsWith(`/${name}.test.ts`))
      return at < 0 ? longest.length : at
    }
    return [...super.sort(tests)].sort((one, other) => rank(one) - rank(other))
  }
}
