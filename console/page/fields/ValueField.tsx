import { useId } from 'preact/hooks'
import { choicesOf, isList, type TypedValue } from './values'

export interface ValueFieldProps {
  readonly of: TypedValue
  readonly text: string
  readonly mistake?: string
  onText(text: string): void
}

/** A field for one value, by its type, with what is known of it and what is wrong with it. */
export function ValueField({ of, text, mistake, onText }: ValueFieldProps) {
  const id = useId()
  const { name, type, description, range, required, default: fallback } = of
  const choices = choicesOf(type)
  const hint = [
    type,
    range && `${range[0]} to ${range[1]}`,
    required && 'required',
    fallback !== null && fallback !== undefined && `default ${JSON.stringify(fallback)}`,
    isList(type) && 'commas between items',
    description,
  ].filter(Boolean)
  return (
    <div class="field">
      <label for={id}>{name}</label>
      {choices !== undefined ? (
        <select
          id={id}
          value={text}
          aria-describedby={`${id}-hint`}
          onChange={(event) => onText(event.currentTarget.value)}
        >
          <option value="">left out</option>
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </select>
      ) : (
        <input
          id={id}
          value={text}
          autocomplete="off"
          aria-describedby={`${id}-hint`}
          aria-invalid={mistake === undefined ? undefined : 'true'}
          onInput={(event) => onText(event.currentTarget.value)}
        />
      )}
      <span id={`${id}-hint`} class="note">
        {mistake !== undefined && <strong class="state bad">{mistake}. </strong>}
        {hint.join(', ')}
      </span>
    </div>
  )
}
