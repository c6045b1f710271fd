import { useEffect, useRef, useState } from 'preact/hooks'
import { refresh } from '../data/poll'
import type { Problem } from '../data/problem'
import { askGraph } from '../data/send'
import { Dialog } from '../parts/Dialog'
import { Problems } from '../parts/Problems'
import { ChangeResult, type RuleChange } from './ChangeResult'
import { RuleDiff } from './RuleDiff'

/** A change of the active version that somebody asked for. */
export interface RuleChangeAsked {
  readonly kind: 'activate' | 'rollback'
  readonly to: number
  /** The active version that was seen; the graph does nothing if another one is active. */
  readonly from: number
}

export interface ChangeDialogProps {
  readonly asked: RuleChangeAsked
  /** How many processes follow the rules. */
  readonly nodes: number
  onClose(): void
}

const change = 'done says problems warnings'
const mutations = {
  activate: `mutation Activate($to: Int!, $from: Int!) { change: activateRules(number: $to, expected: $from) { ${change} } }`,
  rollback: `mutation RollBack($to: Int!, $from: Int!) { change: rollbackRules(to: $to, expected: $from) { ${change} } }`,
}

/** Says what a change will do, has it confirmed, and shows what came of it. */
export function ChangeDialog({ asked, nodes, onClose }: ChangeDialogProps) {
  const { kind, from, to } = asked
  const [isSending, setSending] = useState(false)
  const [result, setResult] = useState<{ change?: RuleChange; problems: readonly Problem[] }>()
  const title = kind === 'activate' ? `Activate version ${to}` : `Roll back to version ${to}`
  async function confirm() {
    if (isSending) return
    setSending(true)
    const { data, problems } = await askGraph<{ change: RuleChange }>(mutations[kind], { to, from })
    setResult({ change: data?.change, problems })
    setSending(false)
    refresh()
  }
  // Without problems that may pass, such as nodes that are not prepared yet, another try ends the same.
  const isOver = result?.change !== undefined && (result.change.done || result.change.problems.length === 0)
  const outcome = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // The button has left, with the focus.
    if (isOver) outcome.current?.focus()
  }, [isOver])
  return (
    <Dialog title={title} onClose={onClose}>
      <div class="stack">
        {!isOver && (
          <p>
            Version {to} of the rules takes the place of version {from} in{' '}
            {nodes === 1 ? 'one process' : `${nodes} processes`}, for requests that begin afterwards. Nothing
            is done if another version than {from} is active by then
            {kind === 'rollback' && `, or a rollback would lead to another one than ${to}`}. The audit log
            records it.
          </p>
        )}
        {result === undefined && <RuleDiff from={from} to={to} />}
        {result !== undefined && <Problems problems={result.problems} />}
        {result?.change !== undefined && (
          <div ref={outcome} tabIndex={-1}>
            <ChangeResult change={result.change} />
          </div>
        )}
        <div class="actions">
          {!isOver && (
            <button type="button" class="main" aria-disabled={isSending} onClick={confirm}>
              {result === undefined ? title : 'Try again'}
            </button>
          )}
          <button type="button" onClick={onClose}>
            {isOver ? 'Close' : 'Cancel'}
          </button>
        </div>
      </div>
    </Dialog>
  )
}
