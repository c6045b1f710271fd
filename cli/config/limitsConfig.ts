import { z } from 'zod'
import type { AnswerBudget } from '../../gateway/limits/answerBudget'
import { defaultLimits, type GatewayLimits } from '../../gateway/limits/limits'
import { strictShape, whole } from '../../lib/files/shapes'
import { redisName, redisUrl } from './shards/redisShapes'

const positive = whole(1)

/** The section `limits`: how much one client request may ask for. */
export const limitsShape = z
  .strictObject({
    bodyBytes: positive.default(1_048_576).describe("Size of a request's body."),
    subgraphBodyBytes: positive
      .default(33_554_432)
      .describe('Size of a body at `presage subgraph`, where a gateway sends a list of entities at once.'),
    operations: positive
      .default(1)
      .describe('Operations in one body; with 2 or more, a body may be a list of operations.'),
    tokens: positive.default(20_000).describe("Tokens of an operation's document."),
    fields: positive
      .default(defaultLimits.fields)
      .describe('Fields of an operation, including those of fragments.'),
    rootFields: positive.default(defaultLimits.rootFields).describe("Fields at an operation's root."),
    depth: positive.default(defaultLimits.depth).describe('How deep fields nest.'),
    directives: positive
      .default(defaultLimits.directives)
      .describe('Directives of an operation, including those of fragments.'),
    listArguments: positive.default(defaultLimits.listLength).describe('Items of one list argument.'),
    predictionAliases: positive
      .default(defaultLimits.predictionAliases)
      .describe('Uses of prediction fields in one operation.'),
    requestsPerSecond: positive
      .optional()
      .describe('Requests per second of one client; by default, any number.'),
    newOperations: positive
      .default(50)
      .describe('New operations per second of one client; five times as many in a burst.'),
    answerValues: positive
      .default(defaultLimits.answer.values)
      .describe('Values of an answer: fields of its objects and items of its lists.'),
    answerBytes: positive.default(defaultLimits.answer.bytes).describe("Size of an answer's data as JSON."),
    predictionRows: positive.default(10_000).describe('Prediction rows of a request.'),
    shared: strictShape({
      redis: redisUrl,
      name: redisName.default('limits').describe('Tells deployments apart that share one Redis.'),
    })
      .optional()
      .describe('A Redis in which all processes together count the rows a second that rules allow.'),
  })
  .prefault({})

export function gatewayLimits(limits: z.infer<typeof limitsShape>): GatewayLimits {
  return { ...limits, listLength: limits.listArguments, answer: answerBudget(limits) }
}

export function answerBudget({ answerValues, answerBytes }: z.infer<typeof limitsShape>): AnswerBudget {
  return { values: answerValues, bytes: answerBytes }
}
