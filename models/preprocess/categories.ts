import { z } from 'zod'
import { name, strictShape } from '../../lib/files/shapes'
import { aWord, listOf } from './featureKinds'
import { listDemand } from './lists'
import { columnStep, demandOf, unlessNull } from './step'

const category = z.union([z.string(), z.number(), z.boolean()], {
  error: 'must be text, a number or true or false',
})

/** `categories` and `unknown` of oneHot and multiHot. */
export const categoriesShape = {
  categories: z
    .array(category, { error: 'must be a list of categories' })
    .min(1, 'must not be empty')
    .refine((categories) => new Set(categories.map(String)).size === categories.length, 'must differ')
    .describe('Categories in the order of the columns, compared as text'),
  unknown: z
    .union([z.literal('error'), z.literal('zero'), z.int().min(0)], {
      error: 'must be error, zero or the index of a column',
    })
    .optional()
    .describe(
      'What any other value becomes: error (the default), zero (no category) or the index of a column',
    ),
}

type CategoriesOptions = z.infer<z.ZodObject<typeof categoriesShape>>

/** Whether a numeric `unknown` is the number of a column; refused with `noSuchColumn`. */
function unknownIsAColumn({ categories, unknown }: CategoriesOptions): boolean {
  return typeof unknown !== 'number' || unknown < categories.length
}

const noSuchColumn = { path: ['unknown'], error: 'must be the number of a column, counted from 0' }

/** The column of each category by its text, and of other values; -1 for no column. */
interface Categories {
  columnOf(value: unknown): number
  /** Returns the expectation if a value is refused. */
  refuse: ((value: unknown) => string | undefined) | undefined
}

export function compileCategories({ categories, unknown = 'error' }: CategoriesOptions): Categories {
  const columns = new Map(categories.map((category, column) => [String(category), column]))
  const other = typeof unknown === 'number' ? unknown : -1
  const shown = categories.slice(0, 20).map((category) => (category === '' ? '""' : category))
  const expectation = `must be one of ${shown.join(', ')}${categories.length > 20 ? ', ...' : ''}`
  return {
    columnOf: (value) => columns.get(typeof value === 'string' ? value : String(value)) ?? other,
    refuse:
      unknown === 'error' ? (value) => (columns.has(String(value)) ? undefined : expectation) : undefined,
  }
}

/** Refuses a `fill` that is none of the categories, where the graph accepts these alone. */
export function refuseUnknownFill(
  { fill, categories }: Partial<CategoriesOptions> & { readonly fill?: string | number | undefined },
  context: z.RefinementCtx,
): void {
  if (fill === undefined || categories === undefined) return
  const message = compileCategories({ categories }).refuse?.(fill)
  if (message !== undefined) context.addIssue({ code: 'custom', path: ['fill'], message })
}

/** `{ oneHot: job, categories: [fixed, freelance], unknown: zero }`: a 0/1 column per category; null is all zeros. */
export const oneHot = columnStep({
  name: 'oneHot',
  options: strictShape({
    oneHot: name.describe('A feature that is one word, id or flag'),
    ...categoriesShape,
  })
    .refine(unknownIsAColumn, noSuchColumn)
    .describe('A 0/1 column per category; all zeros for null'),
  reads: (options) => ({ features: [{ option: 'oneHot', name: options.oneHot, kind: aWord }] }),
  compile(options, context) {
    const position = context.position(options.oneHot)
    const { columnOf, refuse } = compileCategories(options)
    return {
      width: options.categories.length,
      demands: demandOf(position, unlessNull(refuse), () => options.categories),
      write(columns, rows, target, stride, offset) {
        const column = columns[position]
        for (let row = 0, at = offset; row < rows; row++, at += stride) {
          const value = column[row]
          const category = value === null ? -1 : columnOf(value)
          if (category >= 0) target[at + category] = 1
        }
      },
    }
  },
})

/** `{ multiHot: genres, categories: [Action, Drama], unknown: zero }`: 1 for each category in the list. */
export const multiHot = columnStep({
  name: 'multiHot',
  options: strictShape({
    multiHot: name.describe('A feature that is a list of words, ids or flags'),
    ...categoriesShape,
  })
    .refine(unknownIsAColumn, noSuchColumn)
    .describe('A 0/1 column per category, 1 if the list contains it; all zeros for null'),
  reads: (options) => ({ features: [{ option: 'multiHot', name: options.multiHot, kind: listOf(aWord) }] }),
  compile(options, context) {
    const position = context.position(options.multiHot)
    const { columnOf, refuse } = compileCategories(options)
    const feature = context.feature(options.multiHot)
    return {
      width: options.categories.length,
      demands: listDemand(position, feature, refuse, options.categories),
      write(columns, rows, target, stride, offset) {
        const column = columns[position]
        for (let row = 0, at = offset; row < rows; row++, at += stride) {
          const list = column[row] as readonly unknown[] | null
          if (list === null) continue
          for (let item = 0; item < list.length; item++) {
            const category = columnOf(list[item])
            if (category >= 0) target[at + category] = 1
          }
        }
      },
    }
  },
})
