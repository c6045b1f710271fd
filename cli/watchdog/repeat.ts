/**
 * A second signal within this time, in milliseconds, counts as the same: a terminal sends it to all processes of a
 * command, and npm then passes it on to its child once more.
 */
export const repeatMs = 100
