import { Facts } from '../parts/Facts'
import { DecisionDrawn, type DecisionDrawnProps } from './DecisionDrawn'
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
export function EntryDrawn({
  entry,
  rules,
}: {
  readonly entry: PastedEntry
  readonly rules: DecisionDrawnProps['rules']
}) {
  const { path = 'a prediction', objective, ruleSet, model, reason } = entry
  const others = Object.entries(entry).filter(([key]) => !drawnKeys.includes(key))
  return (
    <section class="stack" aria-label={path}>
      <h3>
        <code>{path}</code>
      </h3>
      {objective === undefined || ruleSet === undefined || model === undefined || reason === undefined ? (
        <p>
          {model === undefined
            ? `No version was chosen for ${objective ?? 'the field'}.`
            : `${model} ${verbOf(entry)} ${objective ?? 'the field'}${reason ? `, ${reason}` : ''}: no rules decided.`}
          <OutcomeText of={entry} />
        </p>
      ) : (
        <DecisionDrawn
          objective={objective}
          ruleSet={ruleSet}
          rules={rules}
          decision={{ ...entry, model, reason }}
        />
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
