import { connect, createServer, type Server, type Socket } from 'node:net'

/** Passes the bytes of all connections on, each way after half of a round trip. Stands in for `tc netem`. */
export async function delayingProxy(
  port: number,
  roundTripMs: number,
): Promise<{ readonly port: number; close(): void }> {
  const sockets = new Set<Socket>()
  const server: Server = createServer((client) => {
    const target = connect({ port, host: '127.0.0.1', noDelay: true })
    client.setNoDelay(true)
    delay(client, target, roundTripMs / 2)
    delay(target, client, roundTripMs / 2)
    for (const socket of [client, target]) {
      sockets.add(socket)
      socket.on('error', () => {}).once('close', () => sockets.delete(socket))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    close() {
      server.close()
      for (const socket of sockets) socket.destroy()
    },
  }
}

function delay(from: Socket, to: Socket, ms: number): void {
  const waiting: { readonly at: number; readonly chunk: Buffer | undefined }[] = []
  let isTurning = false
  // Timers are too coarse for half a millisecond, so the loop turns while anything waits.
  const turn = () => {
    while (waiting.length > 0 && waiting[0].at <= performance.now()) {
      const { chunk } = waiting.shift()!
      if (chunk === undefined) to.end()
      else if (!to.destroyed) to.write(chunk)
    }
    isTurning = waiting.length > 0
    if (isTurning) setImmediate(turn)
  }
  const put = (chunk?: Buffer) => {
    waiting.push({ at: performance.now() + ms, chunk })
    if (isTurning) return
    isTurning = true
    setImmediate(turn)
  }
  from.on('data', put)
  from.once('end', () => put())
}
