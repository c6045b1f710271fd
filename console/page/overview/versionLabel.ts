import type { MetricSeries } from '../data/metrics'

export function versionLabel({ labels, other }: MetricSeries): string {
  return other ? 'all others' : `${labels['model']}@${labels['version']}`
}
