import { WebSocket } from 'undici'

/** Who allocated, on average: bytes of one place of the code. */
export interface AllocationSite {
  /** A file's address, or empty where the code is generated or the engine's own. */
  readonly url: string
  readonly functionName: string
  /** Where the function begins, from 0. */
  readonly lineNumber: number
  readonly bytes: number
}

interface ProfileNode {
  readonly callFrame: Omit<AllocationSite, 'bytes'>
  readonly selfSize: number
  readonly children: readonly ProfileNode[]
}

/** One sample for so many bytes, on average. */
const samplingInterval = 4096

/** Asks the engine of another process, begun with `--inspect`, what is allocated on its JavaScript heap, whether it lives on or not. */
export class HeapSampling {
  private readonly waiting = new Map<number, (message: { result?: unknown; error?: unknown }) => void>()
  private next = 1

  private constructor(private readonly socket: WebSocket) {
    socket.addEventListener('message', ({ data }) => {
      const message = JSON.parse(String(data)) as { id?: number; result?: unknown; error?: unknown }
      if (message.id !== undefined) this.waiting.get(message.id)?.(message)
    })
  }

  static async connect(port: number): Promise<HeapSampling> {
    const response = await fetch(`http://127.0.0.1:${port}/json/list`)
    const [{ webSocketDebuggerUrl }] = (await response.json()) as { webSocketDebuggerUrl: string }[]
    const socket = new WebSocket(webSocketDebuggerUrl)
    await new Promise<void>((resolve, reject) => {
      socket.addEventListener('open', () => resolve())
      socket.addEventListener('error', () => reject(new Error(`no inspector at port ${port}`)))
    })
    return new HeapSampling(socket)
  }

  /** What is allocated while `load` runs. */
  async during(load: () => Promise<unknown>): Promise<readonly AllocationSite[]> {
    await this.ask('HeapProfiler.startSampling', {
      samplingInterval,
      includeObjectsCollectedByMajorGC: true,
      includeObjectsCollectedByMinorGC: true,
    })
    await load()
    const { profile } = (await this.ask('HeapProfiler.stopSampling')) as { profile: { head: ProfileNode } }
    const sites: AllocationSite[] = []
    const gather = ({ callFrame, selfSize, children }: ProfileNode) => {
      if (selfSize > 0) sites.push({ ...callFrame, bytes: selfSize })
      children.forEach(gather)
    }
    gather(profile.head)
    return sites
  }

  close(): void {
    this.socket.close()
  }

  private ask(method: string, params: object = {}): Promise<unknown> {
    const id = this.next++
    this.socket.send(JSON.stringify({ id, method, params }))
    return new Promise((resolve, reject) => {
      this.waiting.set(id, ({ result, error }) => {
        this.waiting.delete(id)
        if (error === undefined) resolve(result)
        else reject(new Error(`${method}: ${JSON.stringify(error)}`))
      })
    })
  }
}
