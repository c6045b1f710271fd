import { getOrMake } from '../../lib/groups'
import type { FetchedField, Shape, Place as WantedPlace } from '../operations/normalOperation'
import { joinArguments } from './document'
import type { Report } from './report'
import type { Group, Meaning, Place, Visible } from './symbols'

/** Reports fields that the plan does not fetch, or fetches as something else. */
export function checkWanted(wanted: WantedPlace, root: Place, visible: Visible, report: Report): void {
  /** Each pair of a place of the operation and a symbolic place is visited once. */
  const seen = new Map<Place, Set<WantedPlace>>()
  checkPlace(wanted, root)

  function checkPlace(wantedPlace: WantedPlace, place: Place): void {
    const before = getOrMake(seen, place, () => new Set())
    if (before.has(wantedPlace)) return
    before.add(wantedPlace)
    for (const group of place.groups) {
      for (const type of group.types) {
        report.step()
        // Types that clients do not see are written as null.
        const shape = wantedPlace.shapes.get(type)
        if (shape !== undefined) checkShape(shape, wantedPlace, group, place)
      }
    }
  }

  function checkShape(shape: Shape, wantedPlace: WantedPlace, group: Group, place: Place): void {
    const type = shape.type.name
    if (wantedPlace.needsTypename && group.typename(visible).kind !== 'own') {
      const field = `${wantedPlace.type.name}.__typename`
      report.add(`The type of a ${type} is not fetched`, { field, path: place.path })
    }
    if (shape.failure !== undefined) return
    for (const field of shape.fetched) {
      report.step()
      if (!field.name.startsWith('__')) checkField(field, type, group, place)
    }
  }

  function checkField(wantedField: FetchedField, type: string, group: Group, place: Place): void {
    const { name, key } = wantedField
    const meaning = group.field(key, visible)
    const field = `${type}.${name}`
    const path = [...place.path, key]
    if (meaning === undefined) report.add(`${field} is not fetched`, { field, path })
    else if (meaning.name !== name) {
      report.add(`${type}.${meaning.name} is fetched instead of ${field}`, { field, path })
    } else if (meaning.args !== argumentsOf(wantedField)) {
      report.add(`${field} is fetched with other arguments: (${meaning.args})`, { field, path })
    } else checkBelow(wantedField, meaning, field, path)
  }

  function checkBelow(
    wantedField: FetchedField,
    meaning: Meaning,
    field: string,
    path: readonly string[],
  ): void {
    if (wantedField.place === undefined && meaning.place === undefined) return
    if (wantedField.place === undefined || meaning.place === undefined) {
      report.add(`${field} does not have the expected kind of type`, { field, path })
    } else checkPlace(wantedField.place, meaning.place)
  }
}

function argumentsOf({ args }: FetchedField): string {
  return joinArguments(args.map(({ name, variable }) => [name, `$${variable.name}`]))
}
