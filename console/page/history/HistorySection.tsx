import { useRef, useState } from 'preact/hooks'
import { often } from '../data/poll'
import { useCaller } from '../data/useCaller'
import { useGraph } from '../data/useGraph'
import { useRuleStatus } from '../data/useRuleStatus'
import { Empty } from '../parts/Empty'
import { Problems } from '../parts/Problems'
import { Table } from '../parts/Table'
import { ChangeDialog, type RuleChangeAsked } from './ChangeDialog'
import { ChangesDialog } from './ChangesDialog'
import { NodesTable } from './NodesTable'
import { StatusText } from './StatusText'
import { type ListedVersion, VersionRow } from './VersionRow'

const query = `query History($before: Int) { ruleSets(limit: 20, before: $before) {
  number author time message active } }`

/** Every version of the rules, what changed between two, and a way to another one for those who may. */
export function HistorySection() {
  const { mayChangeRules, roles } = useCaller()
  const status = useRuleStatus()
  const [before, setBefore] = useState<number>()
  const { data, problems } = useGraph<{ ruleSets: readonly ListedVersion[] }>(query, { before }, often)
  const [asked, setAsked] = useState<RuleChangeAsked>()
  const [shown, setShown] = useState<number>()
  const heading = useRef<HTMLHeadingElement>(null)
  const versions = data?.ruleSets ?? []
  const oldest = versions.at(-1)?.number ?? 0
  const hasOlder = versions.length === 20 && oldest > 1
  const { active = null, previous = null } = status.data ?? {}
  return (
    <section class="stack" aria-labelledby="history-heading">
      <h2 id="history-heading" ref={heading} tabIndex={-1}>
        History of the rules
      </h2>
      <Problems problems={problems.length > 0 ? problems : status.problems} />
      {status.data !== undefined && <StatusText status={status.data} />}
      {mayChangeRules && active !== null && previous !== null && (
        <div class="actions">
          <button
            type="button"
            onClick={() => setAsked({ kind: 'rollback', to: previous, from: active.number })}
          >
            Roll back to version {previous}
          </button>
        </div>
      )}
      {!mayChangeRules && roles.length > 0 && (
        <p class="note">
          Operators change rules here if rules.mutations of the configuration allows it. In a terminal,
          presage rules rollback goes back.
        </p>
      )}
      {data !== undefined && versions.length === 0 && before === undefined && (
        <Empty>
          No version yet: presage rules publish FILE stores one, and so does saving the rule file.
        </Empty>
      )}
      {versions.length > 0 && (
        <Table label="Versions of the rules" names={['Version', 'Published', 'By', 'For', 'Actions']}>
          {versions.map((version) => (
            <VersionRow
              key={version.number}
              version={version}
              onShow={() => setShown(version.number)}
              onActivate={
                mayChangeRules && active !== null && !version.active
                  ? () => setAsked({ kind: 'activate', to: version.number, from: active.number })
                  : undefined
              }
            />
          ))}
        </Table>
      )}
      <div class="actions">
        {before !== undefined && (
          <button
            type="button"
            onClick={() => {
              setBefore(undefined)
              // The button leaves, and its focus would be lost.
              heading.current?.focus()
            }}
          >
            Newest versions
          </button>
        )}
        {/* While older ones load, and where there are none, the button keeps the focus. */}
        {(hasOlder || before !== undefined) && (
          <button type="button" aria-disabled={!hasOlder} onClick={() => hasOlder && setBefore(oldest)}>
            Older versions
          </button>
        )}
      </div>
      {status.data !== undefined && status.data.nodes.length > 0 && <NodesTable nodes={status.data.nodes} />}
      {shown !== undefined && (
        <ChangesDialog number={shown} active={active?.number} onClose={() => setShown(undefined)} />
      )}
      {asked !== undefined && (
        <ChangeDialog
          asked={asked}
          nodes={status.data?.nodes.length ?? 0}
          onClose={() => setAsked(undefined)}
        />
      )}
    </section>
  )
}
