import {
  type ConstDirectiveNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type ListValueNode,
  visit,
} from 'graphql'
import { schemaDirectives as allDirectives, argumentOf } from '../../federation/supergraph/definitions'
import { importsOf } from '../../federation/supergraph/linkedNames'

/** Of version 2: the latest that composition knows. */
export const composedMinor = 9
/** Of version 2: the latest there is. Since `composedMinor`, only @cacheTag came. */
export const latestMinor = 15

const identity = 'https://specs.apollo.dev/federation'

/** The prefix of federation's names that a link does not import, unless it chooses another one. */
export const defaultNamespace = 'federation'

/** How a schema uses federation. Without `@link` it is version 1, where every directive has its plain name. */
export interface FederationLink {
  readonly node?: ConstDirectiveNode
  readonly major: number
  readonly minor: number
  readonly imports?: ListValueNode
  /** The name that a federation directive, such as `key`, has in this schema. */
  directive(name: string): string
  /** Whether the directive was imported, so that it has a short name. */
  imported(name: string): boolean
}

export function readFederationLink(document: DocumentNode): FederationLink {
  const node = schemaDirectives(document, 'link').find((link) =>
    stringArgument(link, 'url')?.startsWith(`${identity}/`),
  )
  if (node === undefined) return { major: 1, minor: 0, directive: (name) => name, imported: () => true }
  const version = /\/v(\d+)\.(\d+)\/?$/.exec(stringArgument(node, 'url') ?? '')
  const imports = argumentOf(node, 'import')
  const names = importedNames(node)
  const namespace = stringArgument(node, 'as') ?? defaultNamespace
  return {
    node,
    major: Number(version?.[1] ?? 0),
    minor: Number(version?.[2] ?? 0),
    imports: imports?.kind === Kind.LIST ? imports : undefined,
    directive: (name) => names.get(name) ?? `${namespace}__${name}`,
    imported: (name) => names.has(name),
  }
}

/** The document as composition takes it: its link to a later version of federation leads to the latest that is known. */
export function linkedAsComposed(document: DocumentNode): DocumentNode {
  const { node, major, minor } = readFederationLink(document)
  if (node === undefined || major !== 2 || minor <= composedMinor) return document
  return visit(document, {
    Directive: (directive) => (directive === node ? withUrl(directive, composedUrl) : undefined),
  })
}

export const composedUrl = `${identity}/v2.${composedMinor}`

/** The same link to another version. */
export function withUrl(link: DirectiveNode, url: string): DirectiveNode {
  return {
    ...link,
    arguments: link.arguments?.map((argument) =>
      argument.name.value === 'url' ? { ...argument, value: { kind: Kind.STRING, value: url } } : argument,
    ),
  }
}

/** The directives called `name` on `schema` and on every `extend schema`. */
export function schemaDirectives(document: DocumentNode, name: string): readonly ConstDirectiveNode[] {
  return allDirectives(document.definitions).filter((directive) => directive.name.value === name)
}

export function stringArgument(directive: DirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.STRING ? value.value : undefined
}

/** The directives that a link imports: from the plain name to the name here. */
export function importedNames(link: ConstDirectiveNode): ReadonlyMap<string, string> {
  const imports = importsOf(argumentOf(link, 'import'))
  return new Map([...imports].map(([name, here]) => [withoutAt(name), withoutAt(here)]))
}

function withoutAt(name: string): string {
  return name.startsWith('@') ? name.slice(1) : name
}
