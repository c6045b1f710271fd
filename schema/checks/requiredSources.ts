import { Kind, print, type SelectionSetNode } from 'graphql'
import type { Site } from '../fields/site'
import type { Source } from '../fields/source'
import { covers, nested, parseFieldSet } from '../sdl/fieldSet'
import { requiresOf } from '../sdl/subgraph'

/**
 * A field of another subgraph, or of one of its objects, reaches the prediction only if `@requires` names it. All
 * missing fields are reported at once, with the whole directive to write.
 */
export function checkRequiredSources(site: Site, sources: readonly Source[]): void {
  const requires = requiresOf(site.subgraph, site.field)
  const fieldSet = parseFieldSet(requires ?? '')
  const paths = new Map<string, string>()
  for (const { binding, steps = [], text } of sources) {
    if (binding.from !== 'parent' || !binding.external) continue
    if (fieldSet === undefined || !covers(fieldSet, steps)) paths.set(text, nested(binding.path))
  }
  if (paths.size === 0) return
  const name = site.subgraph.federation.directive('requires')
  const came = requires === undefined ? 'no such directive' : `@${name}(fields: "${requires}")`
  const write = [...declared(site, fieldSet), ...paths.values()].join(' ')
  site.refuse(
    `${[...paths.keys()].join(', ')} must stand in @${name}, since another subgraph owns ${paths.size === 1 ? 'it' : 'them'}, got ${came}; write @${name}(fields: "${write}")`,
  )
}

/** The selections to keep: those of fields that the type has here. */
function declared({ type }: Site, fieldSet: SelectionSetNode | undefined): string[] {
  const fields = type.getFields()
  return (fieldSet?.selections ?? [])
    .filter((selection) => selection.kind !== Kind.FIELD || fields[selection.name.value] !== undefined)
    .map((selection) => print(selection).replace(/\s+/g, ' '))
}
