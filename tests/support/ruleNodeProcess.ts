import { type ChildProcess, fork } from 'node:child_process'
import { resolve } from 'node:path'
import type { NodeStatus } from '../../routing/node/nodeStatus'

type Message =
  | { readonly kind: 'status'; readonly status: NodeStatus }
  | { readonly kind: 'activated'; readonly number: number }
  | { readonly kind: 'answer'; readonly id: number; readonly number: number }

/** A node in a process of its own, following a Redis. */
export class RuleNodeProcess {
  /** The versions that requests have been answered with, in order. */
  readonly activated: number[] = []
  status: NodeStatus | undefined
  private readonly answers = new Map<number, (number: number) => void>()
  private waiting: (() => void)[] = []
  private asked = 0
  private ended: string | undefined

  private constructor(
    readonly name: string,
    private readonly child: ChildProcess,
  ) {
    child.on('message', (message: Message) => {
      if (message.kind === 'status') this.status = message.status
      if (message.kind === 'activated') this.activated.push(message.number)
      if (message.kind === 'answer') this.answers.get(message.id)?.(message.number)
      for (const look of this.waiting) look()
    })
    child.once('exit', (code, signal) => {
      this.ended = `ended with ${code ?? signal}`
      for (const look of this.waiting) look()
    })
  }

  /** Settles when it serves, or waits. */
  static async start(name: string, url: string, file: string): Promise<RuleNodeProcess> {
    const node = new RuleNodeProcess(name, fork(resolve(__dirname, 'ruleNodeChild.js'), [name, url, file]))
    await node.until(({ status }) => status !== undefined)
    return node
  }

  /** Settles when it is so. */
  until(isSo: (node: RuleNodeProcess) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        if (!isSo(this) && this.ended === undefined) return
        this.waiting = this.waiting.filter((other) => other !== look)
        if (this.ended === undefined) resolve()
        else reject(new Error(`node ${this.name} ${this.ended}`))
      }
      this.waiting.push(look)
      look()
    })
  }

  /** Settles when this version answers and the node stands so to the store. */
  serves(number: number, kind: NodeStatus['state']['kind']): Promise<void> {
    return this.until(({ status }) => status?.inEffect?.number === number && status.state.kind === kind)
  }

  /** The version that a request would be answered with now. */
  ask(): Promise<number> {
    const id = this.asked++
    return new Promise((resolve) => {
      this.answers.set(id, resolve)
      this.child.send(id)
    })
  }

  async kill(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return
    const exited = new Promise((resolve) => this.child.once('exit', resolve))
    this.child.kill('SIGKILL')
    await exited
  }
}
