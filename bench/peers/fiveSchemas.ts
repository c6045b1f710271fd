import DataLoader from 'dataloader'
import { type MessageRow, openAbuseScore, readMessages, readPayments, readTitles } from '../exampleModels'
import { copiesOf, ofTitle, placesOf } from '../five/ofTitle'
import { openPaymentRisk, type PaymentRow } from '../paymentRisk'
import type { NaiveSchema, OpenSchema } from './naiveSchema'

/** A reference to a title, or its row where one server has all. */
interface Title {
  readonly id: string | number
}

/** The subgraphs of `bench/five` that are not those of the example, as `naiveSchemas` has them. */
export const fiveSchemas: Readonly<Record<string, OpenSchema>> = {
  async stock() {
    const places = placesOf(readTitles())
    return {
      typeDefs: 'type Title @key(fields: "id") { id: ID! copies: Int }',
      resolvers: {
        Title: { copies: ({ id }: Title) => copiesOf(places.get(String(id)) ?? 0) },
      },
      createContext: () => ({}),
    }
  },

  async reviews({ ABUSE_SCORE }) {
    const score = await openAbuseScore(ABUSE_SCORE)
    return scored<MessageRow>('review: Review', 'Review', 'abuse', readMessages(), score)
  },

  async rentals({ PAYMENT_RISK }) {
    const risk = await openPaymentRisk(PAYMENT_RISK)
    return scored<PaymentRow>('rental: Rental', 'Rental', 'risk', readPayments(), risk)
  },
}

/** A title has a thing, and the thing a probability: `Title.review.abuse.probability`. */
function scored<Row>(
  thing: string,
  type: string,
  prediction: string,
  rows: readonly Row[],
  score: (rows: readonly Row[]) => Promise<Float32Array>,
): NaiveSchema {
  const places = placesOf(readTitles())
  const [field] = thing.split(':')
  const loader = `scoresOf${type}`
  return {
    typeDefs: `
      type Title @key(fields: "id") { id: ID! ${thing} }
      type ${type} { id: ID! ${prediction}: Score${type} }
      type Score${type} { probability: Float }`,
    resolvers: {
      Title: {
        [field]: ({ id }: Title) => ofTitle(rows, places.get(String(id)) ?? 0),
      },
      [type]: {
        [prediction]: (row: Row, _: unknown, context: Record<string, DataLoader<Row, object>>) =>
          context[loader].load(row),
      },
    },
    createContext: () => ({
      [loader]: new DataLoader<Row, object>(async (keys) =>
        Array.from(await score(keys), (probability) => ({ probability })),
      ),
    }),
  }
}
