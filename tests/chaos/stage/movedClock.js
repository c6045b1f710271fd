/**
 * Loaded before a process: moves its wall clock by the milliseconds that stand in the file PRESAGE_CHAOS_CLOCK, which is read again on SIGUSR2.
 * What is measured with `performance.now()` stays, as where an operator sets the time of a machine.
 */
const { readFileSync } = require('node:fs')

const RealDate = Date
let offset = 0
const now = () => RealDate.now() + offset

globalThis.Date = new Proxy(RealDate, {
  construct: (target, given, own) => Reflect.construct(target, given.length === 0 ? [now()] : given, own),
  get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
})

process.on('SIGUSR2', () => {
  offset = Number(readFileSync(process.env.PRESAGE_CHAOS_CLOCK, 'utf8'))
  console.error(`the clock is moved by ${offset} ms`)
})
