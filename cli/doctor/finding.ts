import { LoadError } from '../../lib/errors'

export interface Finding {
  readonly check: string
  readonly isOk: boolean
  /** What the check found, or what is wrong and how to fix it. */
  readonly text: string
}

/** Runs one check. `run` returns what it found; each problem of a LoadError that it throws becomes a finding. */
export async function examine(
  check: string,
  run: () => string | Promise<string>,
): Promise<readonly Finding[]> {
  try {
    return [{ check, isOk: true, text: await run() }]
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    return error.problems.map((text) => ({ check, isOk: false, text }))
  }
}
