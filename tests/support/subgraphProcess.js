const { createServer } = require('node:http')
const { buildSubgraphSchema } = require('@apollo/subgraph')
const { execute, parse } = require('graphql')

/**
 * A subgraph in a process of its own, to be killed: `node subgraphProcess.js catalog|ratings PORT`. Its schemas are
 * exported for who composes them.
 */
const link = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])'
const ids = ['1', '2', '3', '4', '5']
let touched = 0

const subgraphs = {
  catalog: {
    sdl: `${link}
      type Query { titles: [Title!]! }
      type Mutation { touch: Int! }
      type Title @key(fields: "id") { id: ID! name: String! }`,
    resolvers: {
      Query: { titles: () => ids.map((id) => ({ id })) },
      Mutation: { touch: () => ++touched },
      Title: { name: ({ id }) => `title ${id}` },
    },
  },
  ratings: {
    sdl: `${link}
      type Query { best: Title }
      type Title @key(fields: "id") { id: ID! rating: Float }`,
    resolvers: {
      Query: { best: () => ({ id: '5' }) },
      Title: { rating: ({ id }) => Number(id) / 2 },
    },
  },
}

module.exports = { sdlOf: (name) => subgraphs[name].sdl }

if (require.main === module) {
  const [, , name, port] = process.argv
  const { sdl, resolvers } = subgraphs[name]
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers }])
  const server = createServer(async (message, response) => {
    const chunks = []
    for await (const chunk of message) chunks.push(chunk)
    const { query, variables } = JSON.parse(Buffer.concat(chunks).toString())
    const result = await execute({ schema, document: parse(query), variableValues: variables })
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(result))
  })
  server.listen(Number(port), '127.0.0.1', () => console.error(`serves ${server.address().port}`))
}
