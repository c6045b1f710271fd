/**
 * The floor: an endpoint that answers one of the bench's questions and nothing else, as somebody writes it with care and
 * without tricks. JSON.parse, typed arrays, one `run` a model on the same thread, JSON.stringify; nothing is kept from one request
 * for the next. Run as a process of its own, with the case's number as argument, and where it is to refuse, how many requests may be
 * inside at most.
 */
import { openAnswer, type Variables } from './answers'
import { cases } from './cases'
import { serveBodies } from './serveBodies'

async function main(number: number, most?: number): Promise<void> {
  const answer = await openAnswer(cases[number])
  serveBodies(async (body) => {
    const { variables } = JSON.parse(body) as { variables: Variables }
    return JSON.stringify({ data: await answer(variables) })
  }, most)
}

const [number, most] = process.argv.slice(2)
main(Number(number), most === undefined ? undefined : Number(most))
