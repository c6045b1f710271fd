import { runTrouble } from './runTrouble'
import { troubles } from './troubles'

/** The troubles that are soon over; `npm run chaos` has all of them happen. */

jest.setTimeout(240_000)

const short = Object.entries(troubles).filter(([, { isShort }]) => isShort)

it.each(short)('%s: what is promised holds', async (_, trouble) => {
  const { seen, broken } = await runTrouble(trouble)
  expect(broken).toEqual([])
  expect(seen.length).toBeGreaterThan(0)
})
