import { delayingProxy } from './delayingProxy'

/** Its arguments are the round trip in milliseconds, and the ports to stand before. */
async function main([roundTripMs, ...ports]: readonly string[]): Promise<void> {
  const proxies = await Promise.all(ports.map((port) => delayingProxy(Number(port), Number(roundTripMs))))
  process.send?.({ url: JSON.stringify(proxies.map(({ port }) => port)) })
  process.once('disconnect', () => process.exit())
}

void main(process.argv.slice(2))
