import { hasIde } from '../data/hasIde'
import { linkTo } from '../data/place'
import { refresh } from '../data/poll'
import { TokenButton } from './TokenButton'
import { views } from './views'

export function Header({ current }: { readonly current: string }) {
  return (
    <header>
      <span class="brand">Presage</span>
      <nav aria-label="Views">
        <ul>
          {views.map(({ name, title }) => (
            <li key={name}>
              <a href={linkTo(name)} aria-current={name === current ? 'page' : undefined}>
                {title}
              </a>
            </li>
          ))}
          {hasIde && (
            <li>
              <a href="./">GraphiQL</a>
            </li>
          )}
        </ul>
      </nav>
      <div class="tools">
        <button type="button" onClick={refresh}>
          Refresh
        </button>
        <TokenButton />
      </div>
    </header>
  )
}
