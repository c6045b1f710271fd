import { changeSettings, place } from '../data/place'

export interface PageOf<T> {
  readonly items: readonly T[]
  /** From 0. */
  readonly page: number
  readonly pages: number
  readonly total: number
  go(page: number): void
}

const size = 50

/** One page of a long list. The address says which, so that the way back from an item leads to its page. */
export function usePage<T>(all: readonly T[]): PageOf<T> {
  const pages = Math.max(1, Math.ceil(all.length / size))
  const asked = Number.parseInt(place.value.settings['page'] ?? '', 10) || 1
  const page = Math.min(Math.max(asked, 1), pages) - 1
  return {
    items: all.slice(page * size, (page + 1) * size),
    page,
    pages,
    total: all.length,
    go: (next) => changeSettings({ page: String(next + 1) }),
  }
}
