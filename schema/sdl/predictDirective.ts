import {
  type ConstDirectiveNode,
  type DirectiveDefinitionNode,
  type DirectiveNode,
  type DocumentNode,
  Kind,
  parse,
  print,
  visit,
} from 'graphql'
import { LoadError, show } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import {
  composedUrl,
  type FederationLink,
  importedNames,
  readFederationLink,
  schemaDirectives,
  stringArgument,
  withUrl,
} from './federationLink'
import { withDefaultNamespace } from './federationNamespace'
import { parseSdl } from './parseSdl'
import type { SubgraphSource } from './subgraphSources'
import { editText, insertion, type TextEdit } from './textEdits'

/** The name of the directive, the same in every subgraph and in the supergraph. */
export const predictName = 'predict'

const specUrl = 'https://specs.presage.dev/predict'
const linkLine = `@link(url: "${specUrl}/v1.0", import: ["@predict"])`

const definitionSdl = `"Answers the field with a prediction; the field has no resolver."
directive @predict(
  "The use case; rules decide which model answers. Either this or \`model\`."
  objective: String
  "A pinned model, past the rules: \`name\` (its newest ready version) or \`name@version\`."
  model: String
  "Only workers of this shard answer."
  shard: String
  "\`input: source\` where an input's name alone does not say it. Sources: \`args.x\`, \`parent.x\`, \`context.x\`."
  inputs: [String!]
  "Which output, where there are several and the field takes one."
  output: String
) on FIELD_DEFINITION`

const definitionNode = parse(definitionSdl).definitions[0] as DirectiveDefinitionNode

/** The names of the directive's arguments, in the order of its definition. */
export const predictArguments = (definitionNode.arguments ?? []).map((argument) => argument.name.value)

/**
 * The full schema of a subgraph: the team's SDL with the definition of `@predict` and its `@composeDirective`.
 * Composition and the subgraph's server both use it, so that all subgraphs have the same definition. Lines and comments
 * stay in place; adding twice changes nothing. Federation's names get their default prefix, with `@predict` or without;
 * nothing else changes in a subgraph that does not use it. Throws `LoadError` with the line to write.
 */
export function withPredictDirective(source: SubgraphSource): { document: DocumentNode; sdl: string } {
  const written = parseSdl(source.file, source.sdl)
  const own = withDefaultNamespace(written, source.sdl)
  const document = own === source.sdl ? written : parseSdl(source.file, own)
  const link = schemaDirectives(document, 'link').find((node) =>
    stringArgument(node, 'url')?.startsWith(specUrl),
  )
  const use = firstUse(document)
  if (link === undefined && use === undefined) return { document, sdl: own }

  const federation = readFederationLink(document)
  refuseOtherForms(source, document, federation, link, use)
  const sdl = editText(own, [
    ...importOfComposeDirective(document, federation),
    ...composeDirective(document, federation, link!),
    ...definition(document, own),
  ])
  return { document: parseSdl(source.file, sdl), sdl }
}

function firstUse(document: DocumentNode): DirectiveNode | undefined {
  let first: DirectiveNode | undefined
  visit(document, {
    Directive(node) {
      if (node.name.value === predictName) first ??= node
    },
  })
  return first
}

function refuseOtherForms(
  source: SubgraphSource,
  document: DocumentNode,
  federation: FederationLink,
  link: ConstDirectiveNode | undefined,
  use: DirectiveNode | undefined,
): void {
  const problems: string[] = []
  const refuse = (node: DirectiveNode | DirectiveDefinitionNode | undefined, problem: string) => {
    problems.push(`${shortPath(source.file)}:${node?.loc?.startToken.line ?? 1} @predict: ${problem}`)
  }
  if (link === undefined) {
    refuse(use, `must be linked by the schema, got no link; write: extend schema ${linkLine}`)
  } else {
    const name = importedNames(link).get(predictName)
    if (stringArgument(link, 'url') !== `${specUrl}/v1.0` || name !== predictName) {
      refuse(link, `must be linked as ${linkLine}, got ${print(link)}`)
    }
  }
  if (federation.major < 2 || (federation.major === 2 && federation.minor < 1)) {
    const came =
      federation.node === undefined ? 'no link to it' : show(stringArgument(federation.node, 'url'))
    const write =
      federation.node === undefined
        ? `extend schema @link(url: "${composedUrl}", import: ["@key"])`
        : print(withUrl(federation.node, composedUrl))
    refuse(federation.node ?? link ?? use, `needs federation v2.1 or later, got ${came}; write: ${write}`)
  }
  for (const own of definitionsOf(document)) {
    if (withoutDescriptions(own) !== withoutDescriptions(definitionNode)) {
      refuse(
        own,
        `must have no definition of its own (it is added when the schema loads), got another one; leave it out, or write: ${withoutDescriptions(definitionNode)}`,
      )
    }
  }
  if (problems.length > 0) throw new LoadError(problems)
}

function definitionsOf(document: DocumentNode): DirectiveDefinitionNode[] {
  return document.definitions.filter(
    (node): node is DirectiveDefinitionNode =>
      node.kind === Kind.DIRECTIVE_DEFINITION && node.name.value === predictName,
  )
}

function withoutDescriptions(node: DirectiveDefinitionNode): string {
  return print({
    ...node,
    description: undefined,
    arguments: node.arguments?.map((argument) => ({ ...argument, description: undefined })),
  })
}

function importOfComposeDirective(document: DocumentNode, federation: FederationLink): TextEdit[] {
  if (federation.imported('composeDirective') || composes(document, federation)) return []
  const entries = federation.imports?.values ?? []
  if (entries.length > 0) return [insertion(entries.at(-1)!.loc!.end, ', "@composeDirective"')]
  if (federation.imports !== undefined) {
    return [insertion(federation.imports.loc!.start + 1, '"@composeDirective"')]
  }
  return [insertion(federation.node!.arguments!.at(-1)!.loc!.end, ', import: ["@composeDirective"]')]
}

function composeDirective(
  document: DocumentNode,
  federation: FederationLink,
  link: DirectiveNode,
): TextEdit[] {
  if (composes(document, federation)) return []
  const name = federation.imported('composeDirective')
    ? federation.directive('composeDirective')
    : 'composeDirective'
  return [insertion(link.loc!.end, ` @${name}(name: "@predict")`)]
}

function composes(document: DocumentNode, federation: FederationLink): boolean {
  return schemaDirectives(document, federation.directive('composeDirective')).some(
    (node) => stringArgument(node, 'name') === '@predict',
  )
}

function definition(document: DocumentNode, sdl: string): TextEdit[] {
  if (definitionsOf(document).length > 0) return []
  return [insertion(sdl.length, `${sdl.endsWith('\n') ? '' : '\n'}\n${definitionSdl}\n`)]
}
