export interface PickerProps<Option extends string> {
  readonly label: string
  readonly options: readonly Option[]
  readonly chosen?: Option
  /** What an option is called; default: the option itself. */
  textOf?(option: Option): string
  onChoose(option: Option): void
}

/** A choice of one among several. */
export function Picker<Option extends string>(props: PickerProps<Option>) {
  const { label, options, chosen, textOf = (option) => option, onChoose } = props
  return (
    <label>
      {label}
      <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value as Option)}>
        {options.map((option) => (
          <option key={option} value={option}>
            {textOf(option)}
          </option>
        ))}
      </select>
    </label>
  )
}
