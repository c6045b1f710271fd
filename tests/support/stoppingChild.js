// A process that is told by its argument how it closes, and whether its thread is busy for ever.
const { stopOnSignal } = require('../../dist/cli/process/stopOnSignal')
const { LoadError } = require('../../dist/lib/errors')

const [, , how, graceMs] = process.argv
// The watchdog listens to signals once its script has run: then its event loop, which is busy until then, waits.
const watchdog = new Promise((resolve) => {
  process.once('worker', (thread) => {
    thread.once('online', () => {
      const idle = () => thread.performance.eventLoopUtilization().idle
      const before = idle()
      const timer = setInterval(() => {
        if (idle() === before) return
        clearInterval(timer)
        resolve()
      }, 5)
    })
  })
})
stopOnSignal(Number(graceMs), () => {
  console.error('closing')
  if (how === 'fails') return Promise.reject(new Error('it cannot be closed'))
  if (how === 'has not started') return Promise.reject(new LoadError(['server.port: must be free']))
  return how === 'closes' || how === 'is late'
    ? new Promise((resolve) => setTimeout(resolve, 300))
    : new Promise(() => {})
})
setInterval(() => {}, 1000)
watchdog.then(() => {
  console.error('up')
  const end = performance.now() + 1000
  while (how === 'busy' || (how === 'is late' && performance.now() < end));
})
