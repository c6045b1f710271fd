/**
 * Import this before everything else: while loading, graphql-js and others choose between checks for developers and
 * speed. A server runs in production mode unless NODE_ENV is set.
 */
process.env['NODE_ENV'] ??= 'production'
