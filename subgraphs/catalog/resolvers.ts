import type { CreateResolvers } from '../../serving/fields/subgraphModule'
import { type PageArgs, page } from '../page'
import { ownRows } from '../rows'

interface TitleRow {
  readonly id: number
  readonly title: string | null
  readonly year: number | null
  readonly genres: readonly string[]
}

interface Title {
  readonly id: string
  readonly name: string | null
  readonly year: number | null
  readonly genres: readonly string[]
}

export const createResolvers: CreateResolvers = (settings) => {
  const titles = ownRows<TitleRow>(settings, 'catalog', 'titles').map((row): Title => {
    return { id: String(row.id), name: row.title, year: row.year, genres: row.genres }
  })
  const byId = new Map(titles.map((title) => [title.id, title]))

  return {
    Query: {
      titles(_: unknown, args: PageArgs & { ids?: readonly string[] | null }) {
        if (!args.ids) return page(titles, args, 20)
        const found = args.ids.flatMap((id) => byId.get(id) ?? [])
        return page(found, args, found.length)
      },
      title: (_: unknown, { id }: { id: string }) => byId.get(id) ?? null,
    },
    Title: {
      __resolveReference: ({ id }: { id: string }) => byId.get(id) ?? null,
    },
  }
}
