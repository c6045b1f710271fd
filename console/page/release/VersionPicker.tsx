export interface VersionPickerProps {
  readonly label: string
  readonly models: readonly string[]
  readonly chosen?: string
  onChoose(model: string): void
}

export function VersionPicker({ label, models, chosen, onChoose }: VersionPickerProps) {
  return (
    <label>
      {label}
      <select value={chosen} onChange={(event) => onChoose(event.currentTarget.value)}>
        {models.map((model) => (
          <option key={model}>{model}</option>
        ))}
      </select>
    </label>
  )
}
