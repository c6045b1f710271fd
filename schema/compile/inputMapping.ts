import { show } from '../../lib/errors'
import { nearestName, nearMiss } from '../../lib/files/nearMiss'
import type { Contract } from '../fields/contract'
import type { Site } from '../fields/site'

/** The right side of an `inputs` entry. */
export interface MappedSource {
  readonly from: 'args' | 'parent' | 'context'
  readonly path: readonly string[]
}

const entryForm = /^\s*([A-Za-z_]\w*)\s*:\s*(args|parent|context)((?:\.[A-Za-z_]\w*)+)\s*$/

/**
 * The entries of `inputs` by input. A malformed, duplicate or unknown entry is reported to the site. The input that was
 * probably meant is then `refused`, so that one mistake is not reported twice.
 */
export function readInputMapping(
  site: Site,
  contracts: readonly Contract[],
): ReadonlyMap<string, MappedSource | 'refused'> {
  const known = new Set(contracts.flatMap((contract) => contract.inputs.map((input) => input.name)))
  const label = contracts.map((contract) => contract.label).join(', ')
  const mapping = new Map<string, MappedSource | 'refused'>()
  for (const entry of site.args.inputs ?? []) {
    const match = entryForm.exec(entry)
    const input = match?.[1] ?? /[A-Za-z_]\w*/.exec(entry)?.[0] ?? ''
    if (match === null) {
      mapping.set(input, 'refused')
      site.refuse(
        `inputs must hold entries such as "limit: args.first", from args, parent or context, got ${show(entry)}`,
      )
    } else if (!known.has(input)) {
      const meant = nearestName(input, known)
      if (meant !== undefined && !mapping.has(meant)) mapping.set(meant, 'refused')
      site.refuse(`inputs must name inputs of ${label}, got "${input}"${nearMiss(input, known)}`)
    } else if (mapping.has(input)) {
      site.refuse(`inputs must name each input once, got "${input}" twice`)
    } else {
      mapping.set(input, { from: match[2] as MappedSource['from'], path: match[3].slice(1).split('.') })
    }
  }
  return mapping
}
