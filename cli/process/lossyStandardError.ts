/**
 * What is said to operators is lost where it cannot be written, as on a full disk or to a reader that has gone. Without a listener the
 * process would end over it.
 */
process.stderr.on('error', () => {})
