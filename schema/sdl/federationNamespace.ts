import { type ASTNode, type DocumentNode, Kind, type NameNode, visit } from 'graphql'
import { argumentOf } from '../../federation/supergraph/definitions'
import { defaultNamespace, readFederationLink } from './federationLink'
import { editText, type TextEdit } from './textEdits'

/**
 * The SDL with the default prefix on federation's names where its link chose another one (`as:`): the libraries for
 * composition and schemas know no other. Lines stay in place.
 */
export function withDefaultNamespace(document: DocumentNode, sdl: string): string {
  const { node } = readFederationLink(document)
  const as = node === undefined ? undefined : argumentOf(node, 'as')
  if (as?.kind !== Kind.STRING || as.value === defaultNamespace) return sdl
  const prefix = `${as.value}__`
  const edits: TextEdit[] = [{ ...spanOf(as), text: JSON.stringify(defaultNamespace) }]
  const rename = ({ name }: { readonly name: NameNode }) => {
    if (!name.value.startsWith(prefix)) return
    edits.push({ ...spanOf(name), text: `${defaultNamespace}__${name.value.slice(prefix.length)}` })
  }
  visit(document, {
    Directive: rename,
    DirectiveDefinition: rename,
    NamedType: rename,
    ScalarTypeDefinition: rename,
    EnumTypeDefinition: rename,
  })
  return editText(sdl, edits)
}

function spanOf({ loc }: ASTNode): Pick<TextEdit, 'start' | 'end'> {
  return { start: loc!.start, end: loc!.end }
}
