/**
 * A tensor's dimensions as its declaration has them. CatBoost's graphs yield [n, 1] where they declare [n], and so does
 * MLServer, which makes a column of a list. Every other shape stays as it is, for `checkOutputs` to refuse.
 */
export function withRank(dims: readonly number[], rank: number | undefined): readonly number[] {
  return dims.length - 1 === rank && dims[rank] === 1 ? dims.slice(0, rank) : dims
}
