import { useState } from 'preact/hooks'

export interface PageOf<T> {
  readonly items: readonly T[]
  /** From 0. */
  readonly page: number
  readonly pages: number
  readonly total: number
  go(page: number): void
}

const size = 50

/** One page of a long list; the first one again when `key` changes. */
export function usePage<T>(all: readonly T[], key: string): PageOf<T> {
  const [at, setAt] = useState({ key, page: 0 })
  const pages = Math.max(1, Math.ceil(all.length / size))
  const page = at.key === key ? Math.min(at.page, pages - 1) : 0
  return {
    items: all.slice(page * size, (page + 1) * size),
    page,
    pages,
    total: all.length,
    go: (next) => setAt({ key, page: next }),
  }
}
