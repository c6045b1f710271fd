/** What one question costs the JavaScript heap. */
export interface AllocationResult {
  /** The shorter and the longer page. */
  readonly cases: readonly [string, string]
  readonly model: string
  /** The costliest a row first. */
  readonly rooms: readonly RoomBytes[]
}

/** Bytes that one file or library allocates. */
export interface RoomBytes {
  readonly room: string
  readonly aRow: number
  /** What does not depend on how many rows are asked for. */
  readonly aRequest: number
}
