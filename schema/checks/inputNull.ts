import type { InputSpec } from '../../models/objective'
import { printType } from '../../models/parseType'
import type { Site } from '../site'
import type { Source } from '../source'
import { showSourceType } from '../sourceType'

/**
 * A source that may be null needs an input that takes null or has a default. A context key counts as present:
 * whether a request carries it is the client's, and a request without it gets an error of its own.
 */
export function checkInputNull(site: Site, label: string, spec: InputSpec, source: Source): void {
  if (spec.nullable || spec.default !== undefined) return
  if (typeof source.type === 'string' || !source.type.nullable) return
  const write = source.nonNull === undefined ? '' : `; write ${source.nonNull}`
  site.refuse(
    `${source.text} must be non-null for input "${spec.name}" of ${label} (${printType(spec.type)}, required, without default), got ${showSourceType(source.type)}${write}`,
  )
}
