import { formatDate } from '../parts/format'

export interface ListedVersion {
  readonly number: number
  readonly author: string
  readonly time: string
  readonly message: string
  readonly active: boolean
}

export interface VersionRowProps {
  readonly version: ListedVersion
  onShow(): void
  /** Absent for those who may not. */
  readonly onActivate?: () => void
}

export function VersionRow({ version, onShow, onActivate }: VersionRowProps) {
  const { number, author, time, message, active } = version
  return (
    <tr>
      <th scope="row">
        {number} {active && <span class="state good">● active</span>}
      </th>
      <td>{formatDate(time)}</td>
      <td>{author}</td>
      <td class="words">{message}</td>
      <td>
        <div class="tools">
          <button type="button" aria-label={`Show changes of version ${number}`} onClick={onShow}>
            Changes
          </button>
          {onActivate !== undefined && (
            <button type="button" aria-label={`Activate version ${number}`} onClick={onActivate}>
              Activate
            </button>
          )}
        </div>
      </td>
    </tr>
  )
}
