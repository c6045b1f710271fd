/** How the numbers of a chart are written. */
export type Unit = 'perSecond' | 'seconds' | 'bytes' | 'rows' | 'count'

export function format(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  if (unit === 'seconds') return formatSeconds(value)
  if (unit === 'bytes') return formatBytes(value)
  return unit === 'perSecond' ? `${formatNumber(value)}/s` : formatNumber(value)
}

/** Three significant digits, and all digits of whole numbers below a million. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e6) return value.toLocaleString('en')
  if (Math.abs(value) >= 1e4)
    return value.toLocaleString('en', { notation: 'compact', maximumFractionDigits: 1 })
  return value.toLocaleString('en', { maximumSignificantDigits: 3 })
}

/** A count of whole things, which a Prometheus estimates. */
export function formatCount(value: number): string {
  return formatNumber(Math.round(value))
}

export function formatPercent(share: number): string {
  return `${(share * 100).toLocaleString('en', { maximumFractionDigits: share < 0.1 ? 2 : 1 })} %`
}

function formatSeconds(value: number): string {
  if (value === 0) return '0 ms'
  if (value < 0.001) return `${formatNumber(value * 1e6)} µs`
  return value < 1 ? `${formatNumber(value * 1000)} ms` : `${formatNumber(value)} s`
}

export function formatBytes(value: number): string {
  if (value < 1024) return `${formatNumber(value)} B`
  const power = Math.min(4, Math.floor(Math.log2(value) / 10))
  return `${formatNumber(value / 1024 ** power)} ${['', 'KiB', 'MiB', 'GiB', 'TiB'][power]}`
}

export function formatTime(time: number | string): string {
  return new Date(time).toLocaleTimeString('en-GB')
}

export function formatDate(time: number | string): string {
  return new Date(time).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' })
}
