export interface ObjectivePickerProps {
  readonly names: readonly string[]
  readonly chosen?: string
  onChoose(name: string): void
}

export function ObjectivePicker({ names, chosen, onChoose }: ObjectivePickerProps) {
  return (
    <label>
      Objective
      <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        {names.map((name) => (
          <option key={name}>{name}</option>
        ))}
      </select>
    </label>
  )
}
