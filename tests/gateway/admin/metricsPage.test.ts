import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { metricsPage } from '../../../gateway/admin/adminPages'
import { until } from '../../support/until'

it('makes one text for all who ask while another is made, and none older than its question', async () => {
  const texts: ((error?: Error) => void)[] = []
  const page = metricsPage(
    () =>
      new Promise((resolve, reject) => {
        const text = `text ${texts.length + 1}`
        texts.push((error) => (error ? reject(error) : resolve(text)))
      }),
  )
  const ask = async () => {
    const message = new IncomingMessage(new Socket())
    const response = new ServerResponse(message)
    const sent: string[] = []
    response.write = (piece: Buffer) => sent.push(piece.toString()) > 0
    await page(message, response)
    return sent.join('')
  }
  const askAll = () => Promise.all(Array.from({ length: 20 }, ask))
  const first = askAll()
  await until(() => texts.length === 1)
  const second = askAll().catch((error: Error) => error.message)
  texts[0]()
  expect(new Set(await first)).toEqual(new Set(['text 1']))
  await until(() => texts.length === 2)
  const third = askAll()
  texts[1](new Error('no text'))
  expect(await second).toBe('no text')
  await until(() => texts.length === 3)
  texts[2]()
  expect(new Set(await third)).toEqual(new Set(['text 3']))
  expect(texts).toHaveLength(3)
})
