/** The type definitions of a naive subgraph with the link to federation before them. */
export function subgraphSdl(typeDefs: string): string {
  return `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])
${typeDefs}`
}
