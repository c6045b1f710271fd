import { getNamedType, isInputObjectType } from 'graphql'
import { nearestName } from '../../lib/files/nearMiss'
import type { PredictionField } from '../fields/plan'
import type { Site } from '../fields/site'

/**
 * A line for each argument of a prediction field, or field of an input object in it, that no input takes: clients may
 * send it without effect. Usually its name is a typo, and the input that was meant takes its default.
 */
export function unusedArguments(site: Site, inputs: PredictionField['inputs']): string[] {
  const used = inputs.flatMap(({ binding }) => (binding.from === 'args' ? [binding.path] : []))
  const free = inputs.filter(({ binding }) => binding.from === 'default' || binding.from === 'absent')
  const report = (name: string, path: string) => {
    const meant = nearestName(
      name,
      free.map(({ spec }) => spec.name),
    )
    const hint = meant === undefined ? '' : `; did you mean "${meant}"?`
    return `${site.coordinate}: no input takes argument ${path}${hint}`
  }
  return site.field.args.flatMap((arg) => {
    const paths = used.filter(([first]) => first === arg.name)
    if (paths.length === 0) return [report(arg.name, arg.name)]
    const type = getNamedType(arg.type)
    if (!isInputObjectType(type)) return []
    return Object.keys(type.getFields())
      .filter((name) => !paths.some(([, second]) => second === name))
      .map((name) => report(name, `${arg.name}.${name}`))
  })
}
