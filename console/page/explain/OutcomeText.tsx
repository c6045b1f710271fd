import { linkTo } from '../data/place'
import type { Outcome } from './decision'

/** What a chosen version does for an objective: it need not be what answers. */
export function verbOf({ fallback, error }: Outcome): string {
  return fallback === undefined && error === undefined ? 'answers' : 'was chosen for'
}

/** Says what answered instead of the chosen version, or that nothing did. */
export function OutcomeText({ of: { fallback, error } }: { readonly of: Outcome }) {
  return (
    <>
      {fallback !== undefined && (
        <>
          {' '}
          <strong>
            {fallback.by === 'constant' ? (
              'A constant'
            ) : (
              <a href={linkTo('models', fallback.by)}>{fallback.by}</a>
            )}
          </strong>{' '}
          answered instead ({fallback.code}).
        </>
      )}
      {error !== undefined && ` There is no answer (${error}).`}
    </>
  )
}
