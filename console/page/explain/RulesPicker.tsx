import { changeSettings } from '../data/place'
import { often } from '../data/poll'
import { useGraph } from '../data/useGraph'
import { Picker } from '../fields/Picker'
import { rulesAsked } from './rulesAsked'

interface Answer {
  readonly ruleSets: readonly { readonly number: number }[]
  readonly ruleStatus: { readonly active: { readonly number: number } | null; readonly inEffect: number }
}

const query = 'query Versions { ruleSets(limit: 50) { number } ruleStatus { active { number } inEffect } }'

/** Which version of the rules decides. Nothing while there is no choice: with one version, or without the store. */
export function RulesPicker() {
  const { data } = useGraph<Answer>(query, {}, often)
  if (data == null) return null
  const asked = rulesAsked()
  const { inEffect } = data.ruleStatus
  const active = data.ruleStatus.active?.number
  // Those that matter may be older than the newest.
  const numbers = [...data.ruleSets.map(({ number }) => number), active, inEffect, asked].filter(
    (number) => number != null,
  )
  const options = [...new Set(numbers)].sort((one, other) => other - one).map(String)
  if (options.length < 2) return null
  return (
    <Picker
      label="Rules"
      options={options}
      // What cannot be a version is no option either, so that none is shown as chosen.
      chosen={String(asked === undefined ? inEffect : asked)}
      textOf={(number) =>
        [
          `version ${number}`,
          number === String(active) && 'active',
          number === String(inEffect) && 'in effect here',
        ]
          .filter(Boolean)
          .join(', ')
      }
      onChoose={(rules) => changeSettings({ rules })}
    />
  )
}
