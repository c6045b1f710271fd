import {
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  visit,
} from 'graphql'
import type { InputSpec, OutputSpec } from '../../models/contracts/objective'
import { sourceOf } from '../fields/bindingText'
import { type InputBinding, type PredictionField, pinOf } from '../fields/plan'

/** Adds what each field is made from, as introspection shows no directives. Describing twice changes nothing. */
export function describePredictions(
  document: DocumentNode,
  fields: readonly PredictionField[],
): DocumentNode {
  const byPlace = new Map(fields.map((field) => [`${field.type}.${field.field}`, field]))
  const describeFields = <T extends ObjectTypeDefinitionNode | ObjectTypeExtensionNode>(node: T): T => ({
    ...node,
    fields: node.fields?.map((field) => {
      const prediction = byPlace.get(`${node.name.value}.${field.name.value}`)
      return prediction === undefined ? field : describeField(field, prediction)
    }),
  })
  return visit(document, { ObjectTypeDefinition: describeFields, ObjectTypeExtension: describeFields })
}

/** What a prediction field is made from, in Markdown: objective or pinned model, inputs with their sources, outputs. */
function descriptionOf({ target, unit, inputs, outputs }: PredictionField): string {
  return [
    target.kind === 'objective'
      ? `Predicted: objective \`${target.objective}\`.`
      : `Predicted: pinned model \`${pinOf(target)}\`.`,
    ...(inputs.length === 0 ? [] : ['', 'Inputs:']),
    ...inputs.map(
      ({ spec, binding }) => `- \`${spec.name}\`${measureOf(spec)}: ${describeSource(spec, binding)}`,
    ),
    '',
    outputs.length === 1 ? 'Output:' : 'Outputs:',
    ...outputs.map((output) => `- \`${output.name}\`${measureOf(output)}${aboutOf(output)}`),
    ...(unit === undefined ? [] : ['', `Unit of experiments: \`${unit}\`.`]),
  ].join('\n')
}

function describeField(node: FieldDefinitionNode, field: PredictionField): FieldDefinitionNode {
  const own = node.description?.value ?? ''
  const generated = descriptionOf(field)
  if (own.endsWith(generated)) return node
  const value = own === '' ? generated : `${own}\n\n${generated}`
  return { ...node, description: { kind: Kind.STRING, value, block: true } }
}

function measureOf({ measure }: InputSpec | OutputSpec): string {
  return measure === undefined ? '' : ` in ${measure}`
}

function aboutOf({ description }: OutputSpec): string {
  return description === undefined ? '' : `: ${description}`
}

function describeSource(spec: InputSpec, binding: InputBinding): string {
  const source = sourceOf(binding)
  if (source !== undefined) return `${source.kind} \`${source.name}\``
  return binding.from === 'default' ? `always ${JSON.stringify(spec.default)}` : 'never given'
}
