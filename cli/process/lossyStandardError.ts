/**
 * Ignores failures to write to standard error, such as a full disk or a reader that has gone. Without a listener, such
 * a failure would end the process.
 */
process.stderr.on('error', () => {})
