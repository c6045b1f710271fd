import { useState } from 'preact/hooks'
import { useRuleSet } from '../rules/useRuleSet'
import { EntryDrawn } from './EntryDrawn'
import { type PastedEntry, readPasted } from './pasted'

/** Draws the explanation that came with an answer, by the rules that decided then. */
export function PastedSection() {
  const [text, setText] = useState('')
  const read = text.trim() === '' ? [] : readPasted(text)
  return (
    <section class="stack" aria-labelledby="pasted-heading">
      <h2 id="pasted-heading">An explanation of a live request</h2>
      <p class="note">
        A request with the header <code>x-presage-explain: 1</code> gets one in{' '}
        <code>extensions.presage</code> of its answer.
      </p>
      <label>
        Answer, or its extensions, as JSON
        <textarea
          rows={5}
          value={text}
          spellcheck={false}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <div class="stack" role="status">
        {typeof read === 'string' ? (
          <p class="problems">{read}</p>
        ) : (
          [...new Set(read.map(({ ruleSet }) => ruleSet))].map((ruleSet) => (
            <EntriesDrawn
              key={ruleSet}
              ruleSet={ruleSet}
              entries={read.filter((entry) => entry.ruleSet === ruleSet)}
            />
          ))
        )}
      </div>
    </section>
  )
}

interface EntriesProps {
  readonly ruleSet: number | undefined
  readonly entries: readonly PastedEntry[]
}

/** All that one version of the rules decided, so that it is asked for once. */
function EntriesDrawn({ ruleSet, entries }: EntriesProps) {
  // Version 0 is a rule file, which the store does not have.
  const rules = useRuleSet(ruleSet || undefined)
  return (
    <>
      {entries.map((entry, at) => (
        <EntryDrawn key={at} entry={entry} rules={rules} />
      ))}
    </>
  )
}
