import type { describeInput } from '../../../platform/describeSpec'
import { flowYaml } from '../../terminal/flowYaml'
import { table } from '../../terminal/table'

/** Inputs or features as a table; `kind` is the heading of their names. */
export function inputTable(kind: string, inputs: readonly ReturnType<typeof describeInput>[]): string {
  const rows = inputs.map((input) => [
    input.name,
    input.type,
    input.required
      ? 'required'
      : input.default === undefined
        ? 'may be null'
        : `default ${flowYaml(input.default)}`,
    [
      ...(input.range === undefined ? [] : [`${input.range[0]} to ${input.range[1]}`]),
      ...(input.length === undefined ? [] : [`length ${input.length}`]),
      ...(input.maxLength === undefined ? [] : [`at most ${input.maxLength} long`]),
      ...(input.measure === undefined ? [] : [input.measure]),
    ].join(', '),
    input.description ?? '',
  ])
  return table([[kind, 'type', 'presence', 'limits', 'description'], ...rows])
}
