import type { Endpoint } from '../cases'
import { type MessageRow, openAbuseScore, openRatingPredictor, type TitleRow } from '../exampleModels'
import { openPaymentRisk, type PaymentRow } from '../paymentRisk'
import { openRecommender, type Rated } from '../recommender'

/** Answers one field for all rows of a request. */
export type Loader = (queries: readonly Query[]) => Promise<readonly unknown[]>

interface Query {
  /** What the field is of. */
  readonly obj: unknown
  readonly params: Readonly<Record<string, unknown>>
}

type Loaders = Readonly<Record<string, Readonly<Record<string, Loader>>>>
type Models = Readonly<Record<string, string>>

/** The prediction fields of each question's schema as Mercurius batches them. */
export const mercuriusLoaders: Readonly<Record<Endpoint, (models: Models) => Promise<Loaders>>> = {
  async messages({ ABUSE_SCORE }) {
    return { Message: { abuse: scores<MessageRow>(await openAbuseScore(ABUSE_SCORE)) } }
  },

  async titles({ PREDICT_RATING }) {
    const rate = await openRatingPredictor(PREDICT_RATING)
    return {
      Title: {
        predictedRating: async (queries) =>
          Array.from(
            await rate(
              queries.map(({ params }) => params.memberId as string),
              queries.map(({ obj }) => obj as TitleRow),
            ),
          ),
      },
    }
  },

  async members({ RECOMMEND_TITLES }) {
    const recommend = await openRecommender(RECOMMEND_TITLES)
    return {
      Member: {
        recommendedTitles: (queries) =>
          recommend(
            queries.map(({ obj }) => obj as Rated),
            queries[0].params.first as number,
          ),
      },
    }
  },

  async five(models) {
    return {
      ...(await mercuriusLoaders.titles(models)),
      Review: { abuse: scores<MessageRow>(await openAbuseScore(models.ABUSE_SCORE)) },
      Rental: { risk: scores<PaymentRow>(await openPaymentRisk(models.PAYMENT_RISK)) },
    }
  },
}

function scores<Row>(score: (rows: readonly Row[]) => Promise<Float32Array>): Loader {
  return async (queries) => {
    const values = await score(queries.map(({ obj }) => obj as Row))
    return Array.from(values, (probability) => ({ probability }))
  }
}
