import { Tensor } from 'onnxruntime-node'
import { openGraph } from './openGraph'

/** A stored payment; the other fields are read by the names in `columns`. */
export interface PaymentRow {
  readonly id: number
  readonly [column: string]: string | number | boolean | null
}

interface Column {
  readonly name: string
  readonly categories?: readonly string[]
}

/** The model's 26 columns: a number each, or one for each category. A missing number is NaN, for which trees have a way. */
const columns: readonly Column[] = [
  { name: 'seniority' },
  { name: 'home', categories: ['ignore', 'other', 'owner', 'parents', 'priv', 'rent'] },
  { name: 'time' },
  { name: 'age' },
  { name: 'marital', categories: ['divorced', 'married', 'separated', 'single', 'widow'] },
  { name: 'records', categories: ['no', 'yes'] },
  { name: 'job', categories: ['fixed', 'freelance', 'others', 'partime'] },
  { name: 'expenses' },
  { name: 'income' },
  { name: 'assets' },
  { name: 'debt' },
  { name: 'amount' },
  { name: 'price' },
]
const WIDTH = 26

/** Opens a version of payment-risk from 2 on; the probability of each payment. */
export async function openPaymentRisk(
  model: string,
): Promise<(rows: readonly PaymentRow[]) => Promise<Float32Array>> {
  const session = await openGraph(model)
  return async (rows) => {
    const data = new Float32Array(rows.length * WIDTH)
    for (let i = 0; i < rows.length; i++) {
      let at = i * WIDTH
      for (const { name, categories } of columns) {
        const value = rows[i][name]
        if (categories === undefined) data[at++] = value === null ? Number.NaN : (value as number)
        else for (const category of categories) data[at++] = value === category ? 1 : 0
      }
    }
    const { probability } = await session.run({ features: new Tensor('float32', data, [rows.length, WIDTH]) })
    return probability.data as Float32Array
  }
}
