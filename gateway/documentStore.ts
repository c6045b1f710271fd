import type { DocumentNode } from 'graphql'
import { LruCache } from '../lib/lruCache'

/**
 * Where Apollo Server keeps documents that were validated. Its own store weighs each by writing it as JSON, which takes half as long as to
 * validate it; this one by the length of its text.
 */
export class DocumentStore {
  private readonly documents = new LruCache<DocumentNode>(maxDocuments, maxCharacters)

  async get(key: string): Promise<DocumentNode | undefined> {
    return this.documents.get(key)
  }

  async set(key: string, document: DocumentNode): Promise<void> {
    this.documents.set(key, document, document.loc?.source.body.length ?? 0)
  }

  async delete(key: string): Promise<boolean> {
    const has = this.documents.get(key) !== undefined
    this.documents.delete(key)
    return has
  }
}

const maxDocuments = 1000
/** A document takes some fifty times as many bytes. */
const maxCharacters = 1_000_000
