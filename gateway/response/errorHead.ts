import type { GraphQLError } from 'graphql'

/** What errors say of the HTTP answer that they stand in, in their `extensions.http`. */
export interface ErrorHead {
  /** Undefined: as if there were none. */
  readonly status: number | undefined
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>
}

/**
 * All errors' together, as Apollo Server puts them together: the last one counts. Undefined where none says anything.
 */
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

/** Whether Apollo Server takes it as such; it is not shown to clients then. */
export function isHead(
  value: unknown,
): value is { readonly status?: number; readonly headers?: ReadonlyMap<string, string> } {
  if (typeof value !== 'object' || value === null) return false
  if ('status' in value && typeof value.status !== 'number') return false
  return !('headers' in value) || value.headers instanceof Map
}
