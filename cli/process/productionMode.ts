/**
 * Imported before everything else: graphql-js and others choose once, while they load, between checks for developers
 * and speed. A server runs for users unless NODE_ENV says otherwise.
 */
process.env['NODE_ENV'] ??= 'production'
