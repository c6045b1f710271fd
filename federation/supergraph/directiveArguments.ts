import { type ConstDirectiveNode, type ConstValueNode, Kind } from 'graphql'

/** The value of a directive's argument; undefined if the argument is not there. */
export function argumentOf(directive: ConstDirectiveNode, name: string): ConstValueNode | undefined {
  return directive.arguments?.find((argument) => argument.name.value === name)?.value
}

/** The text of a string or enum argument; undefined for anything else. */
export function textArgument(directive: ConstDirectiveNode, name: string): string | undefined {
  return textOf(argumentOf(directive, name))
}

/** The text of a string or enum value; undefined for anything else. */
export function textOf(value: ConstValueNode | undefined): string | undefined {
  return value?.kind === Kind.STRING || value?.kind === Kind.ENUM ? value.value : undefined
}
