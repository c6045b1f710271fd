import { useRef, useState } from 'preact/hooks'
import type { Problem } from '../data/problem'
import { askGraph } from '../data/send'
import type { Input } from '../fields/contract'
import { ValueField } from '../fields/ValueField'
import { readValues } from '../fields/values'
import { Problems } from '../parts/Problems'

const query = 'query Try($model: String!, $row: JSON!) { tryModel(model: $model, features: [$row]) }'

/** Runs a version on one row that somebody types, without the rules. */
export function TryForm({
  model,
  features,
}: {
  readonly model: string
  readonly features: readonly Input[]
}) {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({})
  const [outcome, setOutcome] = useState<{ row?: unknown; problems: readonly Problem[] }>()
  const { values, mistakes } = readValues(features, texts)
  const latest = useRef<object>(values)
  async function run() {
    latest.current = values
    const { data, problems } = await askGraph<{ tryModel: readonly unknown[] }>(query, { model, row: values })
    // Another row may have been tried meanwhile.
    if (latest.current === values) setOutcome({ row: data?.tryModel[0], problems })
  }
  return (
    <section class="stack" aria-labelledby="try-heading">
      <h2 id="try-heading">Try it</h2>
      <p class="note">
        Runs this version on one row, without the rules. Empty fields are left out, so defaults apply.
      </p>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (mistakes.size === 0) run()
        }}
      >
        <div class="fields">
          {features.map((feature) => (
            <ValueField
              key={feature.name}
              of={feature}
              text={texts[feature.name] ?? ''}
              mistake={mistakes.get(feature.name)}
              onText={(text) => setTexts({ ...texts, [feature.name]: text })}
            />
          ))}
        </div>
        <div class="actions">
          <button type="submit" class="main" disabled={mistakes.size > 0}>
            Predict
          </button>
        </div>
      </form>
      <div role="status">
        {outcome !== undefined && <Problems problems={outcome.problems} />}
        {outcome?.row !== undefined && <pre>{JSON.stringify(outcome.row, null, 2)}</pre>}
      </div>
    </section>
  )
}
