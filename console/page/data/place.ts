import { signal } from '@preact/signals'

/** Where in the console one is: a view, what it shows, and settings, all in the hash of the address. */
export interface Place {
  readonly view: string
  readonly subject?: string
  readonly settings: Readonly<Record<string, string>>
}

export const place = signal(readPlace(location.hash))

export function followPlace(): void {
  addEventListener('hashchange', () => {
    place.value = readPlace(location.hash)
  })
}

/** `#/release/PREDICT_RATING?span=5m` */
export function linkTo(
  view: string,
  subject?: string,
  settings: Readonly<Record<string, string>> = {},
): string {
  const path = subject === undefined ? view : `${view}/${encodeURIComponent(subject)}`
  const search = new URLSearchParams(settings).toString()
  return `#/${path}${search === '' ? '' : `?${search}`}`
}

/** Other settings of the same place, without an entry in the history of the browser; an empty one is left out. */
export function changeSettings(settings: Readonly<Record<string, string>>): void {
  const { view, subject, settings: old } = place.peek()
  const entries = Object.entries({ ...old, ...settings }).filter(([, value]) => value !== '')
  history.replaceState(null, '', linkTo(view, subject, Object.fromEntries(entries)))
  place.value = readPlace(location.hash)
}

function readPlace(hash: string): Place {
  const [path, search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const [view, subject] = path.split('/', 2)
  return {
    view: view === '' ? 'overview' : view,
    ...(subject && { subject: decode(subject) }),
    settings: Object.fromEntries(new URLSearchParams(search)),
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
