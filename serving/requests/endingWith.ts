/** Makes something, and calls `end` when it is done or has failed. */
export async function endingWith<Made>(end: () => void, make: () => Promise<Made>): Promise<Made> {
  try {
    return await make()
  } finally {
    end()
  }
}
