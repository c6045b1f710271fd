import { type DirectiveNode, type DocumentNode, Kind, type ListValueNode } from 'graphql'

const identity = 'https://specs.apollo.dev/federation'

/** How a schema uses federation. Without `@link` it is version 1, where every directive has its plain name. */
export interface FederationLink {
  readonly node?: DirectiveNode
  readonly major: number
  readonly minor: number
  /** The `import` list, if there is one. */
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
  const imports = node.arguments?.find((argument) => argument.name.value === 'import')?.value
  const names = imports?.kind === Kind.LIST ? importedNames(imports) : new Map<string, string>()
  const namespace = stringArgument(node, 'as') ?? 'federation'
  return {
    node,
    major: Number(version?.[1] ?? 0),
    minor: Number(version?.[2] ?? 0),
    imports: imports?.kind === Kind.LIST ? imports : undefined,
    directive: (name) => names.get(name) ?? `${namespace}__${name}`,
    imported: (name) => names.has(name),
  }
}

/** The directives called `name` on `schema` and on every `extend schema`. */
export function schemaDirectives(document: DocumentNode, name: string): readonly DirectiveNode[] {
  return document.definitions
    .flatMap((definition) =>
      definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION
        ? (definition.directives ?? [])
        : [],
    )
    .filter((directive) => directive.name.value === name)
}

export function stringArgument(directive: DirectiveNode, name: string): string | undefined {
  const value = directive.arguments?.find((argument) => argument.name.value === name)?.value
  return value?.kind === Kind.STRING ? value.value : undefined
}

/**
 * The directives of an `import` list, in both forms (`"@key"`, `{ name: "@key", as: "@k" }`): from the plain name to
 * the name here.
 */
export function importedNames(imports: ListValueNode): Map<string, string> {
  const names = new Map<string, string>()
  for (const entry of imports.values) {
    if (entry.kind === Kind.STRING) names.set(withoutAt(entry.value), withoutAt(entry.value))
    if (entry.kind !== Kind.OBJECT) continue
    const text = (key: string) => {
      const value = entry.fields.find((field) => field.name.value === key)?.value
      return value?.kind === Kind.STRING ? value.value : undefined
    }
    const name = text('name')
    if (name !== undefined) names.set(withoutAt(name), withoutAt(text('as') ?? name))
  }
  return names
}

function withoutAt(name: string): string {
  return name.startsWith('@') ? name.slice(1) : name
}
