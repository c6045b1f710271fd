/** A serving node as a process of its own, less what it serves. Arguments: name, Redis' URL, the file of its copy. */
const { RuleNode } = require('../../dist/routing/node/ruleNode')
const { openRedisStore } = require('../../dist/routing/store/redisStore')

async function main() {
  const [node, url, file] = process.argv.slice(2)
  const store = await openRedisStore({ url, commandTimeoutMs: 300 })
  let inEffect = 0
  const started = await RuleNode.start({
    node,
    store,
    file,
    leaseMs: 3_000,
    prepare: async () => [],
    activate({ number }) {
      inEffect = number
      process.send({ kind: 'activated', number })
    },
  })
  const say = (status) => process.send({ kind: 'status', status })
  started.changed(say)
  say(started.status())
  // What a request would be answered with, whatever the store does.
  process.on('message', (id) => process.send({ kind: 'answer', id, number: inEffect }))
  process.on('disconnect', () => process.exit())
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
