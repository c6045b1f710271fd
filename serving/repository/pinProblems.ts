import type { Model } from '../../models/contracts/model'
import { printType } from '../../models/types/parseType'
import { typeFits } from '../../models/types/typeFits'
import type { PredictionField } from '../../schema/fields/plan'

/**
 * Checks a version against the fields that pin its model without a version. They were compiled when the schema was
 * loaded, and every newer version that becomes ready answers them. Returns one line per mismatch.
 */
export function pinProblems(
  fields: readonly PredictionField[],
  {
    manifest,
    features,
    outputs,
  }: Pick<Model, 'features' | 'outputs'> & { readonly manifest: { readonly name: string } },
): readonly string[] {
  const problems: string[] = []
  for (const { coordinate, target, inputs, outputs: wanted } of fields) {
    if (target.kind !== 'model' || target.version !== undefined || target.model !== manifest.name) continue
    for (const feature of features) {
      const { name, type } = feature
      const input = inputs.find(({ spec }) => spec.name === name)
      if (input === undefined || input.binding.from === 'default' || input.binding.from === 'absent') {
        if (feature.nullable || Object.hasOwn(feature, 'default')) continue
        problems.push(
          `feature ${name}: must be nullable or have a default, since ${coordinate} pins ${manifest.name} and does not give it`,
        )
      } else if (!typeFits(input.spec.type, type)) {
        problems.push(
          `feature ${name}: must take ${printType(input.spec.type)} as ${coordinate} gives it, got ${printType(type)}`,
        )
      }
    }
    for (const { name, type } of wanted) {
      const output = outputs.find((one) => one.name === name)
      if (output !== undefined && typeFits(output.type, type)) continue
      const came = output === undefined ? 'none' : printType(output.type)
      problems.push(`output ${name}: must be ${printType(type)} as ${coordinate} has it, got ${came}`)
    }
  }
  return problems
}
