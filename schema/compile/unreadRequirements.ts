import { Kind, type SelectionSetNode } from 'graphql'
import { nearestName } from '../../lib/files/nearMiss'
import { inputFits } from '../checks/inputType'
import type { PredictionField } from '../fields/plan'
import type { Site } from '../fields/site'
import { findSource } from '../fields/source'
import { parseFieldSet } from '../sdl/fieldSet'
import { requiresOf } from '../sdl/subgraph'

/**
 * A line for each field that `@requires` names and no input reads. Usually the input that was meant has another name,
 * and silently takes its default or is absent.
 */
export function unreadRequirements(site: Site, inputs: PredictionField['inputs']): string[] {
  const fieldSet = parseFieldSet(requiresOf(site.subgraph, site.field) ?? '')
  if (fieldSet === undefined) return []
  const read = inputs.flatMap(({ binding }) => (binding.from === 'parent' ? [binding.path.join('.')] : []))
  return [...new Set(pathsOf(fieldSet))]
    .filter((path) => !read.includes(path))
    .map((path) => {
      const directive = site.subgraph.federation.directive('requires')
      return `${site.coordinate}: no input reads ${path}, which @${directive} names${whatWasMeant(site, path, inputs)}`
    })
}

/** The leaves of a field set, such as `cast.person.id`. */
function pathsOf({ selections }: SelectionSetNode, above = ''): string[] {
  return selections.flatMap((selection) => {
    if (selection.kind === Kind.FRAGMENT_SPREAD) return []
    if (selection.kind === Kind.INLINE_FRAGMENT) return pathsOf(selection.selectionSet, above)
    const path = `${above}${selection.name.value}`
    return selection.selectionSet === undefined ? [path] : pathsOf(selection.selectionSet, `${path}.`)
  })
}

/** The inputs without a source that would take the field: the one with a name like it, else all. */
function whatWasMeant(site: Site, path: string, inputs: PredictionField['inputs']): string {
  const steps = path.split('.')
  const source = findSource(site, 'parent', steps)
  if (typeof source === 'string') return ''
  const free = inputs.filter(
    ({ spec, binding: { from } }) =>
      (from === 'default' || from === 'absent') && inputFits(source, spec.type),
  )
  const near = nearestName(
    steps[steps.length - 1],
    free.map(({ spec }) => spec.name),
  )
  const meant = free.filter(({ spec }) => near === undefined || spec.name === near)
  if (meant.length === 0) return ''
  const states = meant.map(({ spec, binding: { from } }) => {
    return `input "${spec.name}" ${from === 'absent' ? 'is absent' : 'takes its default'}`
  })
  const entries = meant.map(({ spec }) => `"${spec.name}: ${source.text}"`)
  return `, and ${states.join(', ')}; to use it, write ${entries.join(' or ')} into inputs`
}
