import { type DocumentNode, GraphQLError, parse, Source } from 'graphql'
import { LoadError } from '../../lib/errors'
import { memoizedWeakly } from '../../lib/memoized'
import { shortPath } from '../../lib/packagePaths'

/** Parses one schema file; its nodes know the file and their lines. Throws `LoadError` with `file:line:column`. */
export function parseSdl(file: string, sdl: string): DocumentNode {
  try {
    return parse(new Source(sdl, file))
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error
    throw new LoadError([locatedMessage(error, file)])
  }
}

/** A schema's document, parsed once: for messages, of which there may be very many. */
export const documentOf = memoizedWeakly(({ file, sdl }: { readonly file: string; readonly sdl: string }) =>
  parseSdl(file, sdl),
)

/** A library's error as `file:line:column: message`; if its location is unknown, with the file only. */
export function locatedMessage(error: GraphQLError, file: string): string {
  const place = error.locations?.[0]
  const where = place === undefined ? '' : `:${place.line}:${place.column}`
  return `${shortPath(error.source?.name ?? file)}${where}: ${error.message}`
}
