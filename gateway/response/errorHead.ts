import type { GraphQLError } from 'graphql'

/** What an error's `extensions.http` says about the HTTP response. */
export interface ErrorHead {
  /** Undefined leaves the status as it is. */
  readonly status: number | undefined
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
}

/** Combines all errors as Apollo Server does: the last one counts. Undefined if no error says anything. */
export function headOf(errors: readonly GraphQLError[]): ErrorHead | undefined {
  let head: { status: number | undefined; headers: Map<string, string> } | undefined
  for (const { extensions } of errors) {
    const { http } = extensions
    if (!isHead(http)) continue
    head ??= { status: undefined, headers: new Map() }
    if (http.status) head.status = http.status
    for (const [name, value] of http.headers ?? []) head.headers.set(name.toLowerCase(), value)
  }
  return head
}

/** Whether Apollo Server takes the value as `extensions.http`; then it is not shown to clients. */
export function isHead(
  value: unknown,
): value is { readonly status?: number; readonly headers?: ReadonlyMap<string, string> } {
  if (typeof value !== 'object' || value === null) return false
  if ('status' in value && typeof value.status !== 'number') return false
  return !('headers' in value) || value.headers instanceof Map
}
