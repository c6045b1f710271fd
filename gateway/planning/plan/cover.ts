import { getNamedType } from 'graphql'
import type { Supergraph } from '../../supergraph/readSupergraph'
import type { Reach } from './reach'
import type { Want, WantedPlace } from './wants'

/** Of the leaves of a want: how many cannot be had from a subgraph on, and how many only from others. */
export interface Coverage {
  readonly leaves: number
  readonly missing: number
  readonly jumps: number
}

/** Estimates what comes of asking a subgraph for a field, for one operation. */
export class Cover {
  private readonly known = new WeakMap<WantedPlace, Map<string, Coverage>>()

  constructor(
    private readonly supergraph: Supergraph,
    private readonly reach: Reach,
  ) {}

  /** Whether anything of the want can be had. */
  hasAny(subgraph: string, typename: string, want: Want): boolean {
    const { leaves, missing } = this.of(subgraph, typename, want)
    return leaves === 0 || missing < leaves
  }

  /** Of a field that the subgraph itself has; `typename` is the parent's in the subgraph. */
  of(subgraph: string, typename: string, { name, below }: Want): Coverage {
    if (below === undefined) return oneLeaf
    const type = this.reach.typeOf(subgraph, typename, name)
    return type === undefined
      ? { leaves: 1, missing: 1, jumps: 0 }
      : this.ofPlace(subgraph, getNamedType(type).name, below)
  }

  private ofPlace(subgraph: string, declared: string, place: WantedPlace): Coverage {
    let byPlace = this.known.get(place)
    if (byPlace === undefined) {
      byPlace = new Map()
      this.known.set(place, byPlace)
    }
    const key = `${subgraph} ${declared}`
    let coverage = byPlace.get(key)
    if (coverage === undefined) {
      coverage = this.estimate(subgraph, declared, place)
      byPlace.set(key, coverage)
    }
    return coverage
  }

  private estimate(subgraph: string, declared: string, { fields }: WantedPlace): Coverage {
    const sum = { leaves: 0, missing: 0, jumps: 0 }
    const objects = this.supergraph.objects(subgraph, declared)
    for (const { want, types } of fields) {
      // One type stands for all: it is an estimate.
      const object = objects.find(
        (one) => types === undefined || one.types.some((type) => types.includes(type)),
      )
      if (object === undefined) continue
      const type = object.types.find((one) => types === undefined || types.includes(one)) ?? object.types[0]
      const { leaves, missing, jumps } = this.ofField(subgraph, object.typename, type, want)
      sum.leaves += leaves
      sum.missing += missing
      sum.jumps += jumps
    }
    return sum
  }

  private ofField(subgraph: string, typename: string, type: string, want: Want): Coverage {
    const isHere =
      this.reach.isLocal(subgraph, typename, want.name) &&
      this.supergraph.requiredBy(subgraph, typename, want.name) === undefined
    const here = isHere ? this.of(subgraph, typename, want) : undefined
    if (here !== undefined && here.missing === 0) return here
    let best = here ?? { leaves: 1, missing: 1, jumps: 0 }
    for (const other of this.reach.from(subgraph, type)) {
      const name = this.supergraph.typenameFor(other, type) ?? type
      if (!this.reach.isLocal(other, name, want.name)) continue
      const there = this.of(other, name, want)
      if (there.missing < best.missing || here === undefined) best = { ...there, jumps: there.jumps + 1 }
      if (best.missing === 0) break
    }
    return best
  }
}

const oneLeaf: Coverage = { leaves: 1, missing: 0, jumps: 0 }
