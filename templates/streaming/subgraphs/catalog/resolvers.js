import { readFileSync } from 'node:fs'

/** `settings` come from `subgraphs.catalog` in presage.yaml. */
export function createResolvers(settings) {
  const titles = JSON.parse(readFileSync(settings.titles, 'utf8'))
  const byId = new Map(titles.map((title) => [title.id, title]))
  return {
    Query: {
      titles: () => titles,
      title: (_, { id }) => byId.get(id) ?? null,
    },
    Title: {
      __resolveReference: ({ id }) => byId.get(id) ?? null,
    },
  }
}
