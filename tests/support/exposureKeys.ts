import type { Exposure } from '../../serving/exposure/exposure'

/** The keys of a line of the exposure log, in their order. */
export const exposureKeys: readonly (keyof Exposure)[] = [
  'time',
  'request',
  'objective',
  'experiment',
  'cell',
  'unitBy',
  'unit',
  'model',
  'chosen',
  'origin',
  'rows',
  'ruleSet',
  'ruleSetHash',
]
