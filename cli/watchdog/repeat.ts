/**
 * A second signal within this time, in milliseconds, counts as the same: a terminal sends it to all processes of a
 * command, and npm then passes it on to its child once more; where the machine is busy, that takes a while.
 */
export const repeatMs = 500
