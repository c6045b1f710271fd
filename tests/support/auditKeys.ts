/** The keys of the audit log's line of an activation that is asked for, in their order. */
export const activationKeys = [
  'time',
  'event',
  'request',
  'change',
  'by',
  'context',
  'number',
  'expected',
  'force',
]
