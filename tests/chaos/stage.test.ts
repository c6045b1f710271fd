import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from '../support/until'
import { runTrouble } from './runTrouble'
import { Client } from './stage/client'

/** What tells whether a promise was kept must itself be able to say no. */

const questions = ['1', '2'].map((id) => ({ query: '{ title }', variables: { id } }))

it('a client tells right answers from wrong ones, refusals by their code, and connections that end', async () => {
  let answer: (id: string) => object | undefined = (id) => ({ data: { title: id } })
  const server = createServer(async (message, response) => {
    let text = ''
    for await (const chunk of message) text += chunk
    const given = answer(JSON.parse(text).variables.id)
    if (given === undefined) message.socket.destroy()
    else response.end(JSON.stringify(given))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = await Client.start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    questions,
  })
  const ten = async () => {
    let count = 0
    const given = answer
    answer = (id) => {
      count++
      return given(id)
    }
    await until(() => count > 10)
  }
  // What is answered next may all have been sent before.
  const failsWith = (failure: string) =>
    until(async () => Object.hasOwn((await client.during(ten)).failed, failure))
  const right = await client.during(ten)
  expect(right).toMatchObject({ failed: {}, right: right.sent })
  answer = () => ({ data: { title: '1' } })
  await failsWith('wrong')
  answer = () => ({ errors: [{ message: 'no', extensions: { code: 'OVERLOADED' } }], data: null })
  await failsWith('OVERLOADED')
  answer = () => undefined
  await failsWith('socket hang up')
  await expect(client.isServed(-4_000)).rejects.toThrow('must come to it')
  client.stop()
  server.closeAllConnections()
  server.close()
})

it('a promise that was broken, and a trouble that fails, are told, and what was started is ended', async () => {
  const ended: string[] = []
  const { seen, broken } = await runTrouble({
    title: 'one',
    async cause(stage) {
      stage.atEnd(() => ended.push('first'))
      stage.atEnd(() => ended.push('second'))
      stage.saw('a fact')
      stage.promise('kept', true)
      stage.promise('broken', false, { came: 1 })
      throw new Error('and failed')
    },
  })
  expect([seen, broken]).toEqual([['a fact'], ['broken; came: {"came":1}', 'and failed']])
  expect(ended).toEqual(['second', 'first'])
})
