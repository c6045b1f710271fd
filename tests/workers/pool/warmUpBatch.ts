import { rowsOf, type Tensors } from '../../../models/types/tensor'
import type { WarmUpBatch } from '../../../workers/pool/warmUp'

/** A warm-up batch that takes every answer. */
export function warmUpBatch(make: () => Tensors): WarmUpBatch {
  return { rows: rowsOf(make()), make, check() {} }
}
