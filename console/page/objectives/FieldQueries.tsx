import type { IntrospectionQuery } from 'graphql'
import { hasIde } from '../data/hasIde'
import { useGraph } from '../data/useGraph'
import { Empty } from '../parts/Empty'
import { fieldQuery } from './fieldQuery'
import { introspection } from './introspection'

/** The fields that ask for an objective, each with a query to begin with. */
export function FieldQueries({ fields }: { readonly fields: readonly string[] }) {
  const { data, problems } = useGraph<IntrospectionQuery>(fields.length > 0 ? introspection : undefined)
  return (
    <section class="stack" aria-labelledby="fields-heading">
      <h3 id="fields-heading">Fields</h3>
      {fields.length === 0 && (
        <Empty>No field asks for it. Give one a @predict directive with this objective.</Empty>
      )}
      {problems.length > 0 && (
        <p class="note">
          This graph does not show its types ({problems[0].message}), so there are no queries here.
        </p>
      )}
      {fields.map((field) => {
        const query = data && fieldQuery(data.__schema, field)
        return (
          <div key={field}>
            <p>
              <code>{field}</code>{' '}
              {query !== undefined && hasIde && (
                <a href={`/?${new URLSearchParams({ query })}`}>Open a query of {field} in GraphiQL</a>
              )}
            </p>
            {query !== undefined && <pre>{query}</pre>}
          </div>
        )
      })}
    </section>
  )
}
