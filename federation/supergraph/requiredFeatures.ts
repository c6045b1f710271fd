import type { DocumentNode } from 'graphql'
import { LoadError } from '../../lib/errors'
import { schemaDirectives, textArgument } from './definitions'

/** Throws a LoadError for an unknown feature `for: SECURITY` or `EXECUTION`: fields could be exposed without it. */
export function checkRequiredFeatures(supergraph: DocumentNode): void {
  const problems: string[] = []
  for (const directive of schemaDirectives(supergraph.definitions)) {
    // `@core` is an older form of `@link`.
    if (directive.name.value !== 'link' && directive.name.value !== 'core') continue
    const purpose = textArgument(directive, 'for')
    const url = textArgument(directive, 'url') ?? textArgument(directive, 'feature') ?? ''
    if (purpose === undefined || known.has(identityOf(url))) continue
    problems.push(`supergraph: must not need ${url} (for: ${purpose}), which this gateway does not support`)
  }
  if (problems.length > 0) throw new LoadError(problems)
}

const known: ReadonlySet<string> = new Set([
  'https://specs.apollo.dev/link',
  'https://specs.apollo.dev/join',
  'https://specs.apollo.dev/inaccessible',
  // Only for a cache of whole answers, which this gateway does not have.
  'https://specs.apollo.dev/cacheTag',
])

function identityOf(url: string): string {
  return url.replace(/\/v\d+(\.\d+)*\/?$/, '')
}
