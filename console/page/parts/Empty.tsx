import type { ComponentChildren } from 'preact'

/** Why a place is empty, and what would fill it. */
export function Empty({ children }: { readonly children: ComponentChildren }) {
  return <p class="empty">{children}</p>
}
