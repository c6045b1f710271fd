/** Where a condition or a unit reads its value. */
export type Reference = { readonly from: 'context' | 'input'; readonly name: string }

/** Parses the key of a condition: `country`, `context.country` or `input.NAME`; undefined for anything else. */
export function readKey(key: string): Reference | undefined {
  return readUnit(key) ?? (key === '' || key.includes('.') ? undefined : { from: 'context', name: key })
}

/** Parses a unit: `context.KEY` or `input.NAME`; undefined for anything else. */
export function readUnit(text: string): Reference | undefined {
  const dot = text.indexOf('.')
  const from = text.slice(0, Math.max(dot, 0))
  const name = text.slice(dot + 1)
  if ((from !== 'context' && from !== 'input') || name === '' || name.includes('.')) return undefined
  return { from, name }
}

export function referenceText({ from, name }: Reference): string {
  return `${from}.${name}`
}
