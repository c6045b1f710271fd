import type { Stage } from './stage/stage'

/** One thing that goes wrong while a well-behaved client asks, and what is promised about it. */
export interface Trouble {
  /** What happens, in a line. */
  readonly title: string
  /** Whether it is over soon enough for every run of the tests. */
  readonly isShort?: true
  /** Starts what it needs, has it happen, and tells the stage which promises were kept. */
  cause(stage: Stage): Promise<void>
}
