/** What is made, and `end` called when it is there or has failed: who has entered must leave. */
export async function endingWith<Made>(end: () => void, make: () => Promise<Made>): Promise<Made> {
  try {
    return await make()
  } finally {
    end()
  }
}
