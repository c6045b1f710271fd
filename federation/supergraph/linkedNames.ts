import {
  type ConstDirectiveNode,
  type ConstValueNode,
  type DefinitionNode,
  Kind,
  type TypeDefinitionNode,
  type TypeExtensionNode,
} from 'graphql'
import { argumentOf, schemaDirectives, textArgument, textOf } from './definitions'

/** The names under which a supergraph links specifications (https://specs.apollo.dev/link/v1.0). */
export interface LinkedNames {
  readonly inaccessible: ReadonlySet<string>
  readonly listSize: ReadonlySet<string>
  /** Whether a type belongs to a specification and not to a subgraph. */
  isForGateways(type: TypeDefinitionNode | TypeExtensionNode): boolean
}

export function linkedNames(definitions: readonly DefinitionNode[]): LinkedNames {
  const links = schemaDirectives(definitions).flatMap(linkOf)
  const namespaces = new Set(links.map(({ namespace }) => namespace))
  const join = links.find(({ specification }) => specification === 'join')?.namespace ?? 'join'
  return {
    inaccessible: directiveNames('inaccessible', ['inaccessible', 'federation'], links),
    listSize: directiveNames('listSize', ['cost', 'federation'], links),
    isForGateways({ name, directives = [] }) {
      const [namespace, rest] = name.value.split('__')
      if (rest === undefined) return false
      if (always.has(namespace) || namespace === join) return true
      // A subgraph may have a type of that name as well; it carries `@join__type`.
      return namespaces.has(namespace) && !directives.some((one) => one.name.value === `${join}__type`)
    },
  }
}

const always: ReadonlySet<string> = new Set(['join', 'link', 'core'])

/** All names of a directive, with its own, so that it works without links. */
function directiveNames(
  directive: string,
  specifications: readonly string[],
  links: readonly Link[],
): ReadonlySet<string> {
  const names = new Set([directive, `federation__${directive}`])
  for (const { specification, namespace, imports } of links) {
    if (!specifications.includes(specification)) continue
    names.add(specification === directive ? namespace : `${namespace}__${directive}`)
    const imported = imports.get(`@${directive}`)
    if (imported !== undefined) names.add(imported.slice(1))
  }
  return names
}

interface Link {
  /** The name in its URL, such as `join`. */
  readonly specification: string
  /** The prefix of its names in this document, before two underscores. */
  readonly namespace: string
  /** The imported names: from the name in the specification to the name here; directives with `@`. */
  readonly imports: ReadonlyMap<string, string>
}

function linkOf(directive: ConstDirectiveNode): Link | [] {
  // `@core(feature:)` is an older form of `@link`.
  const url = textArgument(directive, 'url') ?? textArgument(directive, 'feature')
  const specification = url === undefined ? undefined : specificationOf(url)
  if (specification === undefined) return []
  const namespace = textArgument(directive, 'as') ?? specification
  return { specification, namespace, imports: importsOf(argumentOf(directive, 'import')) }
}

/** `https://specs.apollo.dev/join/v0.5` → `join`. */
function specificationOf(url: string): string | undefined {
  return /\/([^/]+)\/v\d+(\.\d+)?\/?$/.exec(url)?.[1]
}

/** An `import` list, in both forms of entries: `"@key"` and `{ name: "@key", as: "@k" }`. */
export function importsOf(value: ConstValueNode | undefined): Map<string, string> {
  const imports = new Map<string, string>()
  if (value?.kind !== Kind.LIST) return imports
  for (const one of value.values) {
    if (one.kind === Kind.STRING) imports.set(one.value, one.value)
    if (one.kind !== Kind.OBJECT) continue
    const field = (name: string) => textOf(one.fields.find((other) => other.name.value === name)?.value)
    const name = field('name')
    if (name !== undefined) imports.set(name, field('as') ?? name)
  }
  return imports
}
