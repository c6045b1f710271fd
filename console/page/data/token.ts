import { signal } from '@preact/signals'

const key = 'presage-token'

/** The bearer token that goes with each request; empty for none. Kept as long as the tab is open. */
export const token = signal(sessionStorage.getItem(key) ?? '')

export function setToken(value: string): void {
  const text = value.trim().replace(/^bearer\s+/i, '')
  if (text === '') sessionStorage.removeItem(key)
  else sessionStorage.setItem(key, text)
  token.value = text
}
