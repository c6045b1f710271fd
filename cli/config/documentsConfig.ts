import { z } from 'zod'
import type { TrustedDocuments } from '../../gateway/apollo/trustedDocuments'
import { readTextFile } from '../../lib/files/readTextFile'
import { flag, text } from '../../lib/files/shapes'
import { pathInFile } from '../../lib/files/yamlPlaces'
import { shortPath } from '../../lib/packagePaths'

/** The section `trustedDocuments`: operations that the clients' authors have registered. */
export const documentsShape = z.strictObject({
  file: text.describe("Apollo's persisted query manifest, relative to this file."),
  only: flag.default(false).describe('Whether other documents are refused.'),
})

/** Loads the trusted documents that a configuration file names. Throws a LoadError if their file holds none. */
export function loadTrustedDocuments(
  { file, only }: z.infer<typeof documentsShape>,
  configFile: string,
): TrustedDocuments {
  const text = readTextFile(file, () => `${pathInFile(configFile, 'trustedDocuments.file')}: `)
  // Loaded late: with it comes GraphQL, which most commands need not.
  const { parseTrustedDocuments }: typeof import('../../gateway/apollo/trustedDocuments') =
    require('../../gateway/apollo/trustedDocuments')
  return { byId: parseTrustedDocuments(text, shortPath(file)), only }
}
