import { changeSettings, place } from '../data/place'
import { useGraph } from '../data/useGraph'
import { Picker } from '../fields/Picker'

const query = 'query Versions { ruleSets(limit: 50) { number active } }'

/** Which version of the rules decides. Nothing while there is no choice: with one version, or without the store. */
export function RulesPicker() {
  const { data } = useGraph<{ ruleSets: readonly { readonly number: number; readonly active: boolean }[] }>(
    query,
  )
  if (data == null || data.ruleSets.length < 2) return null
  const active = data.ruleSets.find((one) => one.active)?.number.toString()
  return (
    <Picker
      label="Rules"
      options={data.ruleSets.map(({ number }) => String(number))}
      chosen={place.value.settings.rules ?? active}
      textOf={(number) => `version ${number}${number === active ? ', active' : ''}`}
      onChoose={(rules) => changeSettings({ rules })}
    />
  )
}
