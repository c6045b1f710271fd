import { getNamedType, type SelectionSetNode } from 'graphql'
import { memoized, memoizedWeakly } from '../../lib/memoized'
import type { Supergraph } from '../supergraph/readSupergraph'
import { isHere, providedBelow } from './provided'
import type { Want, WantedPlace } from './wants'

/**
 * How well a subgraph answers a want: its leaves, those that nobody can answer (`missing`), those that only other
 * subgraphs can answer (`far`), and the additional fetches (`jumps`).
 */
export interface Coverage {
  readonly leaves: number
  readonly missing: number
  readonly far: number
  readonly jumps: number
}

/** Estimates how much of a want a subgraph, and those reachable from it, can answer. */
export class Cover {
  private readonly unprovided = memoizedWeakly((place: WantedPlace) =>
    memoized((subgraph: string) =>
      memoized((declared: string) => this.estimate(subgraph, declared, place, nothing)),
    ),
  )

  constructor(private readonly supergraph: Supergraph) {}

  /** For a field that the subgraph has; `typename` is the parent type's name in the subgraph. */
  of(subgraph: string, typename: string, { name, below }: Want, provided: Provided = nothing): Coverage {
    if (below === undefined) return oneLeaf
    const type = this.supergraph.reach.typeOf(subgraph, typename, name)
    if (type === undefined) return nowhere
    const object = { subgraph, typename, type: typename, provided }
    const providedThere = providedBelow(object, name, this.supergraph)
    const declared = getNamedType(type).name
    return providedThere.length > 0
      ? this.estimate(subgraph, declared, below, providedThere)
      : this.unprovided(below)(subgraph)(declared)
  }

  private estimate(
    subgraph: string,
    declared: string,
    { fields }: WantedPlace,
    provided: Provided,
  ): Coverage {
    const sum = { leaves: 0, missing: 0, far: 0, jumps: 0 }
    const objects = this.supergraph.objects(subgraph, declared)
    for (const { want, types } of fields) {
      // One type stands for all, since this is an estimate.
      const object = objects.find(
        (one) => types === undefined || one.types.some((type) => types.includes(type)),
      )
      if (object === undefined) continue
      const type = object.types.find((one) => types === undefined || types.includes(one)) ?? object.types[0]
      const { leaves, missing, far, jumps } = this.ofField(subgraph, object.typename, type, want, provided)
      sum.leaves += leaves
      sum.missing += missing
      sum.far += far
      sum.jumps += jumps
    }
    return sum
  }

  private ofField(
    subgraph: string,
    typename: string,
    type: string,
    want: Want,
    provided: Provided,
  ): Coverage {
    const object = { subgraph, typename, type, provided }
    const here = isHere(object, want.name, this.supergraph)
      ? this.of(subgraph, typename, want, provided)
      : undefined
    if (here !== undefined && here.missing === 0) return here
    let best = here ?? nowhere
    for (const other of this.supergraph.reach.from(subgraph, type)) {
      const name = this.supergraph.typenameFor(other, type) ?? type
      if (!this.supergraph.reach.isLocal(other, name, want.name)) continue
      const there = this.of(other, name, want)
      if (there.missing < best.missing || here === undefined)
        best = { ...there, far: here?.far ?? there.leaves, jumps: there.jumps + 1 }
      if (best.missing === 0) break
    }
    return best
  }
}

const oneLeaf: Coverage = { leaves: 1, missing: 0, far: 0, jumps: 0 }
const nowhere: Coverage = { leaves: 1, missing: 1, far: 1, jumps: 0 }

type Provided = readonly SelectionSetNode[]
const nothing: Provided = []
