import { type ConstValueNode, print } from 'graphql'
import { LruCache } from '../../lib/lruCache'
import type { CompileContext } from '../compileOperation'
import { LiftedOperation, takesLiterals } from './liftedOperation'
import { type LiftedShape, readLiftedShape } from './liftedShape'
import type { ScannedText } from './scanLiterals'

/**
 * Operations by the shape of their documents, for clients that write values into the text: however many texts come, a shape is
 * planned twice, with the literals that came first and once without.
 *
 *     first text ──> its shape is noted, it runs as it is
 *     next text ───> lifted, planned with variables ──> all others: found here
 *         └─ where that may not mean the same: each text runs as it is
 */
export class LiftedOperations {
  /** Null: seen once; `unfit`: its documents are left as they are. */
  private readonly shapes: LruCache<LiftedShape | null | typeof unfit>
  /** By the shape, and the literals that stay. */
  private readonly operations: LruCache<LiftedOperation | typeof unfit>

  constructor(
    private readonly context: CompileContext,
    maxEntries: number,
    maxCharacters: number,
  ) {
    this.shapes = new LruCache(maxEntries, maxCharacters)
    this.operations = new LruCache(maxEntries, maxCharacters)
  }

  /** What runs the text, compiled for another one; undefined where nothing is. */
  find(scanned: ScannedText): LiftedOperation | undefined {
    const shape = this.shapes.get(scanned.key)
    if (!shape || shape === unfit) return undefined
    const operation = this.operations.get(fullKey(scanned, shape))
    return operation === unfit ? undefined : operation
  }

  /** Compiles what runs this text, which must be valid, and others; undefined where it must run as it is. */
  compile(scanned: ScannedText): LiftedOperation | undefined {
    const { key, literals } = scanned
    let shape = this.shapes.get(key)
    if (shape === unfit) return undefined
    if (!shape) {
      const isFirst = shape === undefined
      shape = isFirst ? null : this.read(key)
      this.shapes.set(key, shape, key.length)
      if (shape === null || shape === unfit) return undefined
    }
    if (!takesLiterals(shape.uses, literals)) return undefined
    const full = fullKey(scanned, shape)
    if (this.operations.get(full) !== undefined) return undefined
    const operation = this.lift(shape, literals)
    this.operations.set(full, operation ?? unfit, full.length)
    return operation
  }

  private read(key: string): LiftedShape | typeof unfit {
    const { schema, limits } = this.context
    const shape = readLiftedShape(key, schema, limits.listLength)
    return shape === undefined || shape.uses.length === 0 ? unfit : shape
  }

  private lift(shape: LiftedShape, literals: readonly ConstValueNode[]): LiftedOperation | undefined {
    const document = shape.build(literals)
    if (document === undefined) return undefined
    try {
      return new LiftedOperation(document, shape.uses, this.context)
    } catch {
      return undefined // What the planner has against it, it will say of the document as it came.
    }
  }
}

const unfit = Symbol('unfit')

function fullKey({ key, literals }: ScannedText, { fixed }: LiftedShape): string {
  return fixed.length === 0 ? key : `${key} ${fixed.map((number) => print(literals[number])).join(' ')}`
}
