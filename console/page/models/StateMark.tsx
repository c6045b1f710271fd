const marks: Readonly<Record<string, string>> = { ready: '●', loading: '◌', refused: '▲', unloaded: '○' }

/** The state of a version, told by word and sign and not by colour alone. */
export function StateMark({ state }: { readonly state: string }) {
  const kind = state === 'ready' ? 'good' : state === 'refused' ? 'bad' : 'muted'
  return (
    <span class={`state ${kind}`}>
      {marks[state] ?? ''} {state}
    </span>
  )
}
