import { isDeepStrictEqual } from 'node:util'
import { shortPath } from '../../lib/packagePaths'
import { bindingText } from '../fields/bindingText'
import type { PredictionField } from '../fields/plan'
import type { Site } from '../fields/site'

/** A compiled field and where it stands. */
export interface PlacedField {
  readonly site: Site
  readonly field: PredictionField
}

/**
 * The same `@predict` may bind an input to other sources in another subgraph, since names are looked up among what each
 * subgraph declares. Then the answer would depend on which of them the gateway asks. The later field is reported.
 */
export function checkSharedInputs({ site, field }: PlacedField, earlier: PlacedField): void {
  if (!isDeepStrictEqual(site.args, earlier.site.args)) return // reported already
  const sources = sourcesOf(earlier.field)
  const differing = [...sourcesOf(field)].filter(
    ([input, source]) => (sources.get(input) ?? source) !== source,
  )
  if (differing.length === 0) return
  const list = (of: ReadonlyMap<string, string>) =>
    differing.map(([input]) => `${input}: ${of.get(input)}`).join(', ')
  const { subgraph, field: other } = earlier.site
  const line = other.astNode?.name.loc?.startToken.line
  site.refuse(
    `must take its inputs from where ${shortPath(subgraph.file)}:${line} does, which shares the field (${list(sources)}), got ${list(sourcesOf(field))}`,
  )
}

function sourcesOf({ inputs }: PredictionField): ReadonlyMap<string, string> {
  return new Map(inputs.map(({ spec, binding }) => [spec.name, bindingText(binding)]))
}
