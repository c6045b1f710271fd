/** What came of a change. */
export interface RuleChange {
  readonly done: boolean
  readonly says: string
  readonly problems: readonly string[]
  readonly warnings: readonly string[]
}

/** What came of a change: one sentence, and what to mend or to know. */
export function ChangeResult({ change }: { readonly change: RuleChange }) {
  const { done, says, problems, warnings } = change
  return (
    <div class="stack" role="status">
      <p class={done ? 'state good' : 'state bad'}>
        {done ? '✓' : '✗'} {says}
      </p>
      {problems.length > 0 && (
        <ul class="problems">
          {problems.map((problem) => (
            <li key={problem}>{problem}</li>
          ))}
        </ul>
      )}
      {warnings.length > 0 && (
        <ul class="warnings">
          {warnings.map((warning) => (
            <li key={warning}>{warning}</li>
          ))}
        </ul>
      )}
    </div>
  )
}
