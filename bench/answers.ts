import type { BenchCase, Endpoint } from './cases'
import {
  openAbuseScore,
  openRatingPredictor,
  readMembers,
  readMessages,
  readPayments,
  readTitles,
} from './exampleModels'
import { copiesOf, ofTitle } from './five/ofTitle'
import { openPaymentRisk } from './paymentRisk'
import { openRecommender, ratedBy } from './recommender'

export interface Variables {
  readonly n: number
  readonly s: number
  readonly m: string
}

/** The data that answer a case's variables. */
export type Answer = (variables: Variables) => Promise<unknown>

/** Opens what a case needs, and answers it by hand: typed arrays and one `run` for each model. */
export function openAnswer(benchCase: BenchCase): Promise<Answer> {
  const [first, ...others] = benchCase.models.map(({ model }) => model)
  return endpoints[benchCase.endpoint](first, ...others)
}

const endpoints: Readonly<Record<Endpoint, (...models: string[]) => Promise<Answer>>> = {
  async messages(model) {
    const rows = readMessages()
    const score = await openAbuseScore(model)
    return async ({ n, s }) => {
      const page = rows.slice(s, s + n)
      const values = await score(page)
      return { messages: page.map(({ id }, i) => ({ id: String(id), abuse: { probability: values[i] } })) }
    }
  },

  async titles(model) {
    const rows = readTitles()
    const rate = await openRatingPredictor(model)
    return async ({ n, s, m }) => {
      const page = rows.slice(s, s + n)
      const values = await rate(m, page)
      return { titles: page.map(({ id }, i) => ({ id: String(id), predictedRating: values[i] })) }
    }
  },

  async members(model) {
    const rows = readMembers()
    const recommend = await openRecommender(model)
    return async ({ n, s }) => {
      const page = rows.slice(s, s + n)
      const lists = await recommend(page.map(ratedBy), 10)
      return { members: page.map(({ id }, i) => ({ id: String(id), recommendedTitles: lists[i] })) }
    }
  },

  async five(ratingModel, abuseModel, riskModel) {
    const titles = readTitles()
    const messages = readMessages()
    const payments = readPayments()
    const rate = await openRatingPredictor(ratingModel)
    const score = await openAbuseScore(abuseModel)
    const risk = await openPaymentRisk(riskModel)
    return async ({ n, s, m }) => {
      const page = titles.slice(s, s + n)
      const reviews = page.map((_, i) => ofTitle(messages, s + i))
      const rentals = page.map((_, i) => ofTitle(payments, s + i))
      const ratings = await rate(m, page)
      const abuse = await score(reviews)
      const risks = await risk(rentals)
      return {
        titles: page.map(({ id, title }, i) => ({
          id: String(id),
          name: title,
          copies: copiesOf(s + i),
          predictedRating: ratings[i],
          review: { id: String(reviews[i].id), abuse: { probability: abuse[i] } },
          rental: { id: String(rentals[i].id), risk: { probability: risks[i] } },
        })),
      }
    }
  },
}
