import type { ComponentChildren } from 'preact'
import { HeadRow } from './HeadRow'
import { TableBox } from './TableBox'

export interface TableProps {
  readonly label: string
  /** Above the table; without one, the label is only for screen readers. */
  readonly caption?: ComponentChildren
  /** Of the columns. */
  readonly names: readonly string[]
  /** Those of columns of numbers. */
  readonly numbers?: readonly string[]
  /** The rows. */
  readonly children: ComponentChildren
}

/** A table that can be scrolled where it is wider than its place. */
export function Table({ label, caption, names, numbers, children }: TableProps) {
  return (
    <TableBox label={label}>
      <table>
        {caption !== undefined && <caption class="muted">{caption}</caption>}
        <thead>
          <HeadRow names={names} numbers={numbers} />
        </thead>
        <tbody>{children}</tbody>
      </table>
    </TableBox>
  )
}
