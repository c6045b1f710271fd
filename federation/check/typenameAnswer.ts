import type { SubgraphObject } from '../supergraph/subgraphFacts'
import type { FetchCheck } from './document'
import { typesOf } from './sameFields'
import type { Group, Place } from './symbols'

/** Writes what a fetch will answer for `__typename`: for an interface object, the name of the interface. */
export class TypenameAnswer {
  constructor(private readonly check: FetchCheck) {}

  write(key: string, place: Place, objects: readonly SubgraphObject[]): void {
    const { document, supergraph } = this.check
    const own: SubgraphObject[] = []
    for (const object of objects) {
      if (!supergraph.isInterfaceObject(document.subgraph, object.typename)) own.push(object)
      else this.writeName(key, place, [object], object.typename)
    }
    this.writeName(key, place, own, undefined)
  }

  private writeName(
    key: string,
    place: Place,
    objects: readonly SubgraphObject[],
    interfaceObject: string | undefined,
  ): void {
    for (const group of place.narrow(typesOf(objects), this.check.report)) {
      if (key === '__typename') this.note(group, interfaceObject, place)
      else this.mean(group, key, place)
    }
  }

  /** The gateway uses the last `__typename` that arrived, so that must not come from an interface object. */
  private note(group: Group, interfaceObject: string | undefined, place: Place): void {
    const { fetch, visible, report } = this.check
    for (const other of group.typenames) {
      const isBefore = visible.has(other.fetch)
      const isOwn = other.interfaceObject === undefined
      if (isOwn === (interfaceObject === undefined) || (isBefore && !isOwn)) continue
      const name = interfaceObject ?? other.interfaceObject
      const message = `The name of the interface object ${name} may replace the object's own`
      report.add(message, { field: `${name}.__typename`, path: place.path })
    }
    group.typenames.push({ fetch, interfaceObject })
  }

  /** Under another key it is a field like any other. */
  private mean(group: Group, key: string, place: Place): void {
    const { fetch, report } = this.check
    const present = group.fields.get(key)
    if (present === undefined) {
      const fetches = new Set([fetch])
      group.fields.set(key, { name: '__typename', args: '', fetches, place: undefined })
    } else if (present.name === '__typename') present.fetches.add(fetch)
    else {
      const message = `The key ${key} means ${present.name} and __typename`
      report.add(message, { path: [...place.path, key] })
    }
  }
}
