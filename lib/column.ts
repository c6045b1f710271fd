/** One logical value per row. Absent and null are both `null` once a value has been admitted. */
export type Column = readonly unknown[]
