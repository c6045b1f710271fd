import { signal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import { changeSettings, place } from '../data/place'
import { refresh } from '../data/poll'
import { useGraph } from '../data/useGraph'
import { type Input, inputFields } from '../fields/contract'
import { ValueField } from '../fields/ValueField'
import { readValues, type TypedValue } from '../fields/values'
import { Empty } from '../parts/Empty'
import { Problems } from '../parts/Problems'
import { RouteExplained } from './RouteExplained'
import { rulesAsked } from './rulesAsked'

export interface ContextFormProps {
  readonly objective: string
  readonly keys: readonly { readonly name: string; readonly type: string }[]
}

const query = `query Inputs($name: String!) { objectives(name: $name) { inputs { ${inputFields} } } }`

/** Fields for the context of a request and the inputs of a row; the address keeps what was asked last. */
export function ContextForm({ objective, keys }: ContextFormProps) {
  const { data, problems } = useGraph<{ objectives: readonly { inputs: readonly Input[] }[] }>(query, {
    name: objective,
  })
  const { settings } = place.value
  const rules = rulesAsked()
  const asked = { context: startingWith('context.', settings), inputs: startingWith('input.', settings) }
  // What is typed belongs to the address that it was typed over: another address fills the fields anew. The same context
  // may be asked about for several objectives; inputs are those of one.
  const typed = {
    context: useMemo(() => signal(asked.context), [JSON.stringify(asked.context)]),
    inputs: useMemo(() => signal(asked.inputs), [objective, JSON.stringify(asked.inputs)]),
  }
  if (problems.length > 0) return <Problems problems={problems} />
  if (data === undefined) return <p>Loading …</p>
  const inputs = data.objectives[0]?.inputs ?? []
  const texts = { context: typed.context.value, inputs: typed.inputs.value }
  const context = readValues(keys, texts.context)
  const row = readValues(inputs, texts.inputs)
  const hasMistakes = context.mistakes.size + row.mistakes.size > 0
  const field = (part: 'context' | 'inputs', of: TypedValue, mistakes: ReadonlyMap<string, string>) => (
    <ValueField
      key={of.name}
      of={of}
      text={texts[part][of.name] ?? ''}
      mistake={mistakes.get(of.name)}
      onText={(text) => {
        typed[part].value = { ...texts[part], [of.name]: text }
      }}
    />
  )
  return (
    <>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault()
          if (hasMistakes) return
          changeSettings({
            ...settingsOf('context.', keys, texts.context),
            ...settingsOf('input.', inputs, texts.inputs),
          })
          // The same context may be decided by other rules by now.
          refresh()
        }}
      >
        <fieldset>
          <legend>Context of the request</legend>
          <div class="fields">{keys.map((key) => field('context', key, context.mistakes))}</div>
        </fieldset>
        <details open={Object.keys(asked.inputs).length > 0}>
          <summary>Inputs of a row, for rules that read them</summary>
          <div class="fields">
            {inputs.map((input) => field('inputs', { ...input, required: false }, row.mistakes))}
          </div>
        </details>
        <div class="actions">
          <button type="submit" class="main" disabled={hasMistakes}>
            Explain
          </button>
        </div>
      </form>
      {rules === null ? (
        <Empty>There is no version {settings['rules']} of the rules.</Empty>
      ) : (
        <RouteExplained
          objective={objective}
          rules={rules}
          // What the address has and the fields do not, such as a misspelt key, is for the server to refuse.
          context={{ ...asked.context, ...readValues(keys, asked.context).values }}
          inputs={{ ...asked.inputs, ...readValues(inputs, asked.inputs).values }}
        />
      )}
    </>
  )
}

function startingWith(prefix: string, settings: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(settings).filter(([key, value]) => key.startsWith(prefix) && value !== '')
  return Object.fromEntries(entries.map(([key, value]) => [key.slice(prefix.length), value]))
}

/** What has no field leaves the address, since nobody can change it. */
function settingsOf(
  prefix: string,
  of: readonly TypedValue[],
  texts: Readonly<Record<string, string>>,
): Record<string, string> {
  const isField = (key: string) => of.some(({ name }) => name === key)
  return Object.fromEntries(
    Object.entries(texts).map(([key, value]) => [prefix + key, isField(key) ? value : '']),
  )
}
