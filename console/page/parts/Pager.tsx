import type { PageOf } from './usePage'

export interface PagerProps {
  readonly of: Pick<PageOf<unknown>, 'page' | 'pages' | 'total' | 'go'>
  /** What is listed, in the plural. */
  readonly what: string
}

export function Pager({ of: { page, pages, total, go }, what }: PagerProps) {
  return (
    <nav class="controls" aria-label={`Pages of ${what}`}>
      <span role="status">
        {total} {what}
        {pages > 1 && `, page ${page + 1} of ${pages}`}
      </span>
      {pages > 1 && (
        <>
          <button type="button" disabled={page === 0} onClick={() => go(page - 1)}>
            Previous
          </button>
          <button type="button" disabled={page === pages - 1} onClick={() => go(page + 1)}>
            Next
          </button>
        </>
      )}
    </nav>
  )
}
