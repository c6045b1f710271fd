/** Without a listener, a full disk or a reader that has gone would end the process. */
process.stderr.on('error', () => {})
