/** The names of a table's columns; `numbers` are those of columns of numbers. */
export function HeadRow({
  names,
  numbers = [],
}: {
  readonly names: readonly string[]
  readonly numbers?: readonly string[]
}) {
  return (
    <tr>
      {names.map((name) => (
        <th key={name} scope="col" class={numbers.includes(name) ? 'number' : undefined}>
          {name}
        </th>
      ))}
    </tr>
  )
}
