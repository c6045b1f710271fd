import { structuredPatch } from 'diff'
import { stringify } from 'yaml'
import { Problems } from '../parts/Problems'
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
  const absent = before.data === null ? from : after.data === null ? to : undefined
  if (absent !== undefined)
    return <p>The store does not have version {absent}, so there is nothing to compare.</p>
  const { hunks } = structuredPatch('', '', stringify(before.data), stringify(after.data), '', '', {
    context: 3,
  })
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

const kinds: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed' }
