import type { ComponentChildren } from 'preact'

/** Lets a table that is wider than its place be scrolled, with the keyboard too. */
export function TableBox({
  label,
  children,
}: {
  readonly label: string
  readonly children: ComponentChildren
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div class="table-box" role="group" aria-label={label} tabIndex={0}>
      {children}
    </div>
  )
}
