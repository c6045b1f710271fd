/** The place of each id in a vocabulary, from 1 on; 0 is for those that are not in it. */
export function positions<Id>(ids: readonly Id[]): Map<Id, number> {
  return new Map(ids.map((id, index) => [id, index + 1]))
}
