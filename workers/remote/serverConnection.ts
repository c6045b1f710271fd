import type { Event } from '../../lib/events'
import type { Inference, Worker } from '../runtime/worker'
import type { CallFailure } from './callFailure'

/** A connection to a server elsewhere that was ready when it was opened. Once `lost` has fired, it is of no more use. */
export interface ServerConnection extends Worker {
  /** Fires for each run that failed. */
  readonly failed: Event<FailedCall>
  infer(...batch: Parameters<Worker['infer']>): Promise<RemoteInference>
  /** Whether the server has verified a loaded version itself, from the same files, and it is warm. */
  isVerified?(key: string): boolean
  /** Has it load a version that it may have put out of its memory. Rejects with its reason. Absent: it never does that. */
  wake?(key: string): Promise<void>
  /** What the server says of itself now; `gone` if it cannot be reached. */
  readiness(): Promise<Readiness>
}

export type Readiness = 'ready' | 'not ready' | 'silent' | 'gone'

/** What comes with an answer of a server. */
export interface RemoteInference extends Inference {
  /** As `ServerLoad` reads it; undefined if it tells none. */
  readonly load: string | undefined
}

export interface FailedCall extends CallFailure {
  readonly key: string
  /** How long it took, in milliseconds. */
  readonly ms: number
}

/** Opens a connection. Rejects with a message if the server is not ready, or cannot be reached. */
export type Connect = (id: string, address: string) => Promise<ServerConnection>
