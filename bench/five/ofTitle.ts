/** What belongs to the title in one place of the catalogue: so dealt that titles of a page, up to as many as there are, have each another. */
export function ofTitle<Row>(rows: readonly Row[], place: number): Row {
  return rows[place % rows.length]
}

/** How many copies there are of it. */
export function copiesOf(place: number): number {
  return place % 7
}

/** The place of each title in the catalogue, by its id as text. */
export function placesOf(titles: readonly { readonly id: number }[]): ReadonlyMap<string, number> {
  return new Map(titles.map(({ id }, place) => [String(id), place]))
}
