/** A worker thread as the product starts it, that also throws or ends itself, between runs, when a test says so. */
const { BroadcastChannel } = require('node:worker_threads')

require('../../dist/workers/thread/entry')

const orders = new BroadcastChannel('mortalThread')
orders.unref()
orders.onmessage = ({ data }) => {
  if (data === 'end') process.exit(3)
  throw new Error('thrown by the test')
}
