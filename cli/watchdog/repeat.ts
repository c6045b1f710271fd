/**
 * A signal this soon after another one is the same: a terminal sends it to all processes of a command, and npm then passes it on to its
 * child once more. In milliseconds.
 */
export const repeatMs = 100
