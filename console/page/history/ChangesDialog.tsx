import { Dialog } from '../parts/Dialog'
import { RuleDiff } from './RuleDiff'

export interface ChangesDialogProps {
  readonly number: number
  readonly active?: number
  onClose(): void
}

/** What a version changed, and how it differs from the active one. */
export function ChangesDialog({ number, active, onClose }: ChangesDialogProps) {
  return (
    <Dialog title={`Changes of version ${number}`} onClose={onClose}>
      <div class="stack">
        {number > 1 ? (
          <>
            <h3>Against version {number - 1}</h3>
            <RuleDiff from={number - 1} to={number} />
          </>
        ) : (
          <p>It is the first version.</p>
        )}
        {active !== undefined && active !== number && active !== number - 1 && (
          <>
            <h3>Against the active version {active}</h3>
            <RuleDiff from={active} to={number} />
          </>
        )}
        <div class="actions">
          <button type="button" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  )
}
