import type { ObjectiveContract } from '../ruleSet/knownNames'
import { type Reference, referenceText } from '../ruleSet/reference'
import { compileRead, type ReadValue } from './readValue'
import type { ValueIds } from './valueIds'
import type { ValueTable } from './valueTable'

/** What a block of rules reads, and where each key's cells begin. */
export interface BlockLayout {
  readonly reads: readonly ReadValue[]
  /** Undefined for a key with more values than cells. */
  readonly ids: readonly (ValueIds | undefined)[]
  readonly offsets: readonly number[]
  readonly size: number
}

/** Gives blocks that read the same one layout, as long as they read no inputs: these differ by objective. */
export class Layouts {
  private readonly made = new Map<string, BlockLayout>()

  constructor(private readonly table: ValueTable) {}

  of(references: readonly Reference[], contract: ObjectiveContract): BlockLayout {
    if (references.some(({ from }) => from === 'input')) return this.make(references, contract)
    const key = JSON.stringify(references.map(referenceText))
    let layout = this.made.get(key)
    if (layout === undefined) {
      layout = this.make(references, contract)
      this.made.set(key, layout)
    }
    return layout
  }

  private make(references: readonly Reference[], contract: ObjectiveContract): BlockLayout {
    const ids = references.map((reference) => this.table.idsOf(reference))
    const sizes = ids.map((ofKey) => ofKey?.size ?? 0)
    const offsets = ids.map(() => 0)
    let size = 0
    // Those of the smallest keys first: what is read of a block then lies together.
    for (const key of [...sizes.keys()].sort((a, b) => sizes[a] - sizes[b])) {
      offsets[key] = size
      size += sizes[key]
    }
    return { reads: references.map((reference) => compileRead(reference, contract)), ids, offsets, size }
  }
}
