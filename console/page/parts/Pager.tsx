import type { PageOf } from './usePage'

export interface PagerProps {
  readonly of: Pick<PageOf<unknown>, 'page' | 'pages' | 'total' | 'go'>
  /** What is listed, in the plural. */
  readonly what: string
}

export function Pager({ of: { page, pages, total, go }, what }: PagerProps) {
  const isFirst = page === 0
  const isLast = page === pages - 1
  return (
    <nav class="controls" aria-label={`Pages of ${what}`}>
      <span role="status">
        {total} {what}
        {pages > 1 && `, page ${page + 1} of ${pages}`}
      </span>
      {pages > 1 && (
        <>
          {/* Not disabled, which would take the focus of who came to the last page. */}
          <button type="button" aria-disabled={isFirst} onClick={() => isFirst || go(page - 1)}>
            Previous
          </button>
          <button type="button" aria-disabled={isLast} onClick={() => isLast || go(page + 1)}>
            Next
          </button>
        </>
      )}
    </nav>
  )
}
