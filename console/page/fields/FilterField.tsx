import { changeSettings, place } from '../data/place'

/** A text by which a list is filtered, kept in the address. */
export function FilterField({ label }: { readonly label: string }) {
  return (
    <label>
      {label}
      <input
        type="search"
        value={place.value.settings['filter'] ?? ''}
        onInput={(event) => changeSettings({ filter: event.currentTarget.value, page: '' })}
      />
    </label>
  )
}
