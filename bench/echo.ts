/**
 * The floor below the floor: node:http reads a body and writes one, of the size that the case's answers have, and does
 * nothing between. What a server is above it is its own. Run as a process of its own, with the case's number as argument.
 */
import { openAnswer, type Variables } from './answers'
import { cases } from './cases'
import { askedBySameAnswers } from './sameAnswers'
import { serveBodies } from './serveBodies'

async function main(number: number): Promise<void> {
  const benchCase = cases[number]
  const answer = await openAnswer(benchCase)
  const variables = benchCase.variables(askedBySameAnswers) as unknown as Variables
  const body = JSON.stringify({ data: await answer(variables) })
  serveBodies(() => body)
}

main(Number(process.argv[2]))
