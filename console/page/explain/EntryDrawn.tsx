import { Facts } from '../parts/Facts'
import { DecisionDrawn } from './DecisionDrawn'
import { OutcomeText, verbOf } from './OutcomeText'
import type { PastedEntry } from './pasted'

/** What the drawing shows already. */
const drawnKeys = [
  'path',
  'objective',
  'ruleSet',
  'model',
  'shard',
  'reason',
  'rule',
  'experiment',
  'cell',
  'bucket',
  'shadows',
  'flags',
  'fallback',
  'error',
]

/** One prediction of a pasted explanation: its path through the rules, and everything else that was told of it. */
export function EntryDrawn({ entry }: { readonly entry: PastedEntry }) {
  const { path = 'a prediction', objective, ruleSet } = entry
  const others = Object.entries(entry).filter(([key]) => !drawnKeys.includes(key))
  return (
    <section class="stack" aria-label={path}>
      <h3>
        <code>{path}</code>
      </h3>
      {objective === undefined || ruleSet === undefined ? (
        <p>
          {entry.model} {verbOf(entry)} {objective ?? 'the field'}, {entry.reason}: no rules decided.
          <OutcomeText of={entry} />
        </p>
      ) : (
        <DecisionDrawn objective={objective} ruleSet={ruleSet} decision={entry} />
      )}
      <Facts
        of={others.map(([key, value]) => [
          key,
          typeof value === 'object' ? JSON.stringify(value) : String(value),
        ])}
      />
    </section>
  )
}
