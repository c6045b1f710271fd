/** Import this first: while loading, graphql-js and others choose between checks for developers and speed. */
process.env['NODE_ENV'] ??= 'production'
