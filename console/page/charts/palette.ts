/**
 * Colours that are told apart by people who do not see all of them (after Paul Tol's "bright" scheme), each with its own
 * dash, so that nobody needs the colour. Of CSS, since dark pages have lighter ones.
 */
export const colours = [1, 2, 3, 4, 5, 6, 7, 8].map((number) => `--series-${number}`)

export const otherColour = '--series-other'

export const dashes: readonly (readonly number[])[] = [
  [],
  [8, 4],
  [2, 3],
  [10, 3, 2, 3],
  [5, 5],
  [12, 4, 4, 4],
  [1, 4],
  [16, 4],
]

/** The value of a CSS variable of the page, as it is now. */
export function resolved(variable: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(variable).trim()
}
