import { hasIde } from '../data/hasIde'
import { send } from '../data/send'
import { useSent } from '../data/useSent'
import { Empty } from '../parts/Empty'

/** The fields that ask for an objective, each with a query to begin with. */
export function FieldQueries({ fields }: { readonly fields: readonly string[] }) {
  return (
    <section class="stack" aria-labelledby="fields-heading">
      <h3 id="fields-heading">Fields</h3>
      {fields.length === 0 && (
        <Empty>No field asks for it. Give one a @predict directive with this objective.</Empty>
      )}
      {fields.map((field) => (
        <FieldQuery key={field} field={field} />
      ))}
    </section>
  )
}

function FieldQuery({ field }: { readonly field: string }) {
  const path = `/console/query?${new URLSearchParams({ field })}`
  const { data, problems } = useSent<{ query: string | null }>(path, (signal) => send(path, { signal }))
  const query = data?.query
  return (
    <div>
      <p>
        <code>{field}</code>{' '}
        {query && hasIde && (
          <a href={`./?${new URLSearchParams({ query })}`}>Open a query of {field} in GraphiQL</a>
        )}
      </p>
      {problems.length > 0 && <p class="note">No query can be shown: {problems[0].message}.</p>}
      {query && <pre>{query}</pre>}
    </div>
  )
}
