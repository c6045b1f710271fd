/**
 * How long what the doctor asks may take to answer, in milliseconds. It asks once, so this is longer than a machine that is
 * well may stall.
 */
export const patienceMs = 5_000
