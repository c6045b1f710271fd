import type { InputSpec } from '../../models/contracts/objective'
import { printType } from '../../models/types/parseType'
import type { Site } from '../fields/site'
import type { Source } from '../fields/source'
import { showSourceType } from '../fields/sourceType'

/**
 * A source that may be null needs an input that accepts null or has a default. A context key counts as present,
 * although a request may lack it: such a request gets an error of its own.
 */
export function checkInputNull(site: Site, label: string, spec: InputSpec, source: Source): void {
  if (spec.nullable || spec.default !== undefined) return
  if (typeof source.type === 'string' || !source.type.nullable) return
  const write = source.nonNull === undefined ? '' : `; write ${source.nonNull}`
  site.refuse(
    `${source.text} must be non-null for input "${spec.name}" of ${label} (${printType(spec.type)}, required, without default), got ${showSourceType(source.type)}${write}`,
  )
}
