/** One logical value per row. In a validated column, absent and null are both `null`. */
export type Column = readonly unknown[]
