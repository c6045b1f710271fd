import { readTextFile } from '../../lib/files/readTextFile'
import type { PlaceOf } from '../../lib/files/shapeProblems'
import { yamlPlaces } from '../../lib/files/yamlPlaces'
import { shortPath } from '../../lib/packagePaths'
import { holdsRules } from '../rules/fileDifference'

/**
 * Where rules in effect, of this hash, stand in the rule file. If that says something else by now, as while it is refused
 * or before it is taken up, a line of it would be false. The file is read when first asked, and only then.
 */
export function placesInRules(file: string, sha256: string): PlaceOf {
  let placeOf: PlaceOf | undefined
  return (path) => {
    placeOf ??= holdsRules(file, sha256)
      ? yamlPlaces(readTextFile(file), shortPath(file))
      : () => 'the rules in effect'
    return placeOf(path)
  }
}
