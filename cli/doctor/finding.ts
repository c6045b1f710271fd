import { LoadError } from '../../lib/errors'

/** What the doctor has found of one thing. */
export interface Finding {
  /** A word for the thing, such as `Node`. */
  readonly check: string
  readonly isOk: boolean
  /** What there is, or what is wrong and what to do about it. */
  readonly text: string
}

/** `run` says what there is; each problem of a LoadError that it throws is a finding of its own. */
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
