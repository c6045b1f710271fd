import { z } from 'zod'
import type { Action } from '../../gateway/http/action'
import { PresageError } from '../../lib/errors'
import { fewProblems } from '../../lib/files/fileProblems'
import { keyText, shapeProblems } from '../../lib/files/shapeProblems'
import { strictShape } from '../../lib/files/shapes'
import { isMap } from '../../lib/isMap'
import { printType } from '../../models/types/parseType'
import type { ResolveRoute } from '../../serving/routes/resolveRoute'

/** Path where clients that call models themselves ask which version would answer. */
export const routePath = '/v1/routes:resolve'

// A record of zod would leave out the key `__proto__`, which is unknown as any other.
const values = z.custom<Readonly<Record<string, unknown>>>(isMap, 'must be an object of values by name')
const name = z.string({ error: 'must be a name' })

const questionShape = strictShape({
  objective: name,
  context: values.optional(),
  inputs: values.optional(),
  shard: name.optional(),
})

export function routeAction(resolve: ResolveRoute): Action {
  return async (request, body) => {
    const answer = resolve(request, readQuestion(body))
    if ('error' in answer) return answer
    const { inputs, outputs, ...others } = answer.configuration
    return {
      ...answer,
      configuration: {
        inputs: inputs.map(({ name, type, nullable, input }) => ({
          name,
          type: printType(type),
          nullable,
          ...(input !== name && { input }),
        })),
        outputs: outputs.map(({ name, type }) => ({ name, type: printType(type) })),
        ...others,
      },
    }
  }
}

function readQuestion(body: unknown): z.infer<typeof questionShape> {
  const read = questionShape.safeParse(body)
  if (read.success) return read.data
  const problems = shapeProblems(read.error.issues, body).map(({ path, message }) =>
    ['body', ...path.map(keyText)].join('.').concat(`: ${message}`),
  )
  throw new PresageError('BAD_USER_INPUT', fewProblems(problems, '').join('; '))
}
