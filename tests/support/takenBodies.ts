import { bodyMemory } from '../../gateway/http/requestBody'

/** Whether nobody holds any of the memory for bodies. */
export function isFree(): boolean {
  const half = bodyMemory.most / 2
  if (!bodyMemory.take('nobody', half)) return false
  bodyMemory.release('nobody', half)
  return true
}

/** Has other clients take all of the memory for bodies but this. Returns what lets it go. */
export function takeAllBut(bytes: number): () => void {
  const taken: number[] = []
  for (let left = bodyMemory.most; left > bytes; left -= taken.at(-1)!) {
    taken.push(left / 2)
    expect(bodyMemory.take(`client ${taken.length}`, left / 2)).toBe(true)
  }
  return () => {
    for (const [at, one] of taken.entries()) bodyMemory.release(`client ${at + 1}`, one)
  }
}
