import type { Problem } from '../data/problem'

/** What the server refused, with its code. */
export function Problems({ problems }: { readonly problems: readonly Problem[] }) {
  if (problems.length === 0) return null
  return (
    <div class="problems" role="alert">
      {problems.map(({ code, message, role }) => (
        <p key={code + message}>
          <code>{code}</code> {message}
          {role !== undefined && '. Set a token of somebody who has it, above.'}
          {code === 'UNAUTHENTICATED' && '. Set another token, above, or remove it.'}
          {code === 'GRAPHQL_VALIDATION_FAILED' &&
            ' This page may be of another release than the server: load it again.'}
        </p>
      ))}
    </div>
  )
}
