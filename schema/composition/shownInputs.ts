import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql'
import type { InputBinding, PredictionField } from '../fields/plan'

/** The field without the inputs that come from something that clients do not see, since it is `@inaccessible`. */
export function withShownInputs(field: PredictionField, publicSchema: GraphQLSchema): PredictionField {
  return { ...field, inputs: field.inputs.filter(({ binding }) => isShown(binding, field, publicSchema)) }
}

function isShown(
  binding: InputBinding,
  { coordinate, field }: PredictionField,
  publicSchema: GraphQLSchema,
): boolean {
  const parent = publicSchema.getType(coordinate.split('.')[0])
  if (binding.from === 'parent') return hasPath(parent, binding.path)
  if (binding.from !== 'args') return true
  const [name, ...below] = binding.path
  const args = isObjectType(parent) ? parent.getFields()[field]?.args : undefined
  const argument = args?.find((one) => one.name === name)
  return argument !== undefined && hasPath(getNamedType(argument.type), below)
}

function hasPath(type: GraphQLNamedType | undefined, [name, ...below]: readonly string[]): boolean {
  if (name === undefined) return true
  if (!isObjectType(type) && !isInterfaceType(type) && !isInputObjectType(type)) return false
  const member = type.getFields()[name]
  return member !== undefined && hasPath(getNamedType(member.type), below)
}
