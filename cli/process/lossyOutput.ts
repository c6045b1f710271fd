/**
 * Without a listener, a full disk or a reader that has gone would end the process, also where a team's module writes to the
 * console.
 */
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
