/** Whether each number is above the one before. */
export function isAscending(numbers: readonly number[]): boolean {
  for (let at = 1; at < numbers.length; at++) if (!(numbers[at] > numbers[at - 1])) return false
  return true
}
