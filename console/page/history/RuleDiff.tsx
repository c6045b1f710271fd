import { type StructuredPatchHunk, structuredPatch } from 'diff'
import { useMemo } from 'preact/hooks'
import { stringify } from 'yaml'
import { Problems } from '../parts/Problems'
import type { RuleSet } from '../rules/ruleSet'
import { useRuleSet } from '../rules/useRuleSet'

export interface RuleDiffProps {
  readonly from: number
  readonly to: number
}

/** What another version of the rules changes, line by line. */
export function RuleDiff({ from, to }: RuleDiffProps) {
  const before = useRuleSet(from)
  const after = useRuleSet(to)
  const problems = [...before.problems, ...after.problems]
  if (problems.length > 0) return <Problems problems={problems} />
  if (before.data === undefined || after.data === undefined) return <p>Loading …</p>
  if (before.data === null || after.data === null)
    return (
      <p>
        The store does not have version {before.data === null ? from : to}, so there is nothing to compare.
      </p>
    )
  return <ChangedLines from={from} to={to} before={before.data} after={after.data} />
}

interface ChangedLinesProps extends RuleDiffProps {
  readonly before: RuleSet
  readonly after: RuleSet
}

function ChangedLines({ from, to, before, after }: ChangedLinesProps) {
  // Not again whenever the page asks again: to compare thousands of rules takes a while.
  const hunks = useMemo(() => hunksOf(before, after), [before, after])
  if (hunks === undefined)
    return (
      <p>
        So many lines differ that they are not shown here.{' '}
        <code>
          presage rules diff {from} {to}
        </code>{' '}
        tells in words what changes.
      </p>
    )
  if (hunks.length === 0) return <p>The rules are the same.</p>
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for forms
    <div class="diff" role="group" aria-label={`Lines from version ${from} to version ${to}`} tabIndex={0}>
      <pre>
        {hunks.map(({ oldStart, newStart, lines }) => (
          <div key={`${oldStart} ${newStart}`}>
            <span class="place">line {newStart}</span>
            {lines.map((line, at) => (
              <span key={at} class={kinds[line[0]]}>
                {line}
              </span>
            ))}
          </div>
        ))}
      </pre>
    </div>
  )
}

/** Undefined if it takes too long, since the page stands still meanwhile. */
function hunksOf(before: RuleSet, after: RuleSet): readonly StructuredPatchHunk[] | undefined {
  const options = { context: 3, timeout: patienceMs }
  return structuredPatch('', '', stringify(before), stringify(after), '', '', options)?.hunks
}

const patienceMs = 1_000

const kinds: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed' }
