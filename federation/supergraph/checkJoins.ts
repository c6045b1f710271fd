import { type DocumentNode, isTypeDefinitionNode, isTypeExtensionNode, parseType } from 'graphql'
import { LoadError, show } from '../../lib/errors'
import { argumentOf, textArgument } from './definitions'
import { type Annotated, type Graphs, parseSelection } from './joinDirectives'

/**
 * Throws a LoadError with each join directive that names no subgraph of the supergraph, or whose fields or type cannot
 * be read. Without it, such a directive would count as absent, and only operations would show that.
 */
export function checkJoins({ definitions }: DocumentNode, graphs: Graphs): void {
  const problems: string[] = []
  const values = [...graphs.keys()]
  for (const name of new Set(graphs.values())) {
    const same = values.filter((value) => graphs.get(value) === name)
    if (same.length > 1)
      problems.push(`join__Graph: subgraphs must have names of their own, got ${name} for ${same.join(', ')}`)
  }
  for (const definition of definitions) {
    if (!isTypeDefinitionNode(definition) && !isTypeExtensionNode(definition)) continue
    const type = definition.name.value
    check(type, definition)
    const fields = 'fields' in definition ? (definition.fields ?? []) : []
    const members = 'values' in definition ? (definition.values ?? []) : []
    for (const part of [...fields, ...members]) check(`${type}.${part.name.value}`, part)
  }
  if (problems.length > 0) throw new LoadError(problems.map((problem) => `supergraph: ${problem}`))

  function check(place: string, { directives = [] }: Annotated): void {
    for (const directive of directives) {
      const { value } = directive.name
      if (!value.startsWith('join__')) continue
      const graph = textArgument(directive, 'graph')
      if (argumentOf(directive, 'graph') !== undefined && !graphs.has(graph ?? ''))
        problems.push(`${place}: @${value}(graph:) must be one of ${values.join(', ')}, got ${graph}`)
      for (const argument of ['key', 'requires', 'provides'])
        attempt(textArgument(directive, argument), parseSelection, `${place}: @${value}(${argument}:)`)
      attempt(textArgument(directive, 'type'), parseType, `${place}: @${value}(type:)`)
    }
  }

  function attempt(text: string | undefined, read: (text: string) => unknown, place: string): void {
    if (text === undefined) return
    try {
      read(text)
    } catch (error) {
      problems.push(`${place} must be valid, got ${show(text)}: ${(error as Error).message}`)
    }
  }
}
