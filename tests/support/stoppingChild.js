// A process that is told by its argument how it closes, and whether its thread is busy for ever.
const { stopOnSignal } = require('../../dist/cli/process/stopOnSignal')

const [, , how, graceMs] = process.argv
const watchdog = new Promise((resolve) => process.once('worker', (thread) => thread.once('online', resolve)))
stopOnSignal(Number(graceMs), () => {
  console.error('closing')
  if (how === 'fails') return Promise.reject(new Error('it cannot be closed'))
  return how === 'closes' ? new Promise((resolve) => setTimeout(resolve, 300)) : new Promise(() => {})
})
setInterval(() => {}, 1000)
// The watchdog runs by then, and needs a moment more to listen to signals.
watchdog.then(() => {
  setTimeout(() => {
    console.error('up')
    if (how === 'busy') for (;;);
  }, 300)
})
