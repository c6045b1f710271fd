import { z } from 'zod'

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
export function unknownIsAColumn({ categories, unknown }: CategoriesOptions): boolean {
  return typeof unknown !== 'number' || unknown < categories.length
}

export const noSuchColumn = { path: ['unknown'], error: 'must be the number of a column, counted from 0' }

/** The column of each category by its text, and of other values; -1 for no column. */
export interface Categories {
  columnOf(value: unknown): number
  /** Returns the expectation if a value is refused. */
  refuse: ((value: unknown) => string | undefined) | undefined
}

export function compileCategories({ categories, unknown = 'error' }: CategoriesOptions): Categories {
  const columns = new Map(categories.map((category, column) => [String(category), column]))
  const other = typeof unknown === 'number' ? unknown : -1
  const expectation = `must be one of ${categories.slice(0, 20).join(', ')}${categories.length > 20 ? ', ...' : ''}`
  return {
    columnOf: (value) => columns.get(typeof value === 'string' ? value : String(value)) ?? other,
    refuse:
      unknown === 'error' ? (value) => (columns.has(String(value)) ? undefined : expectation) : undefined,
  }
}
