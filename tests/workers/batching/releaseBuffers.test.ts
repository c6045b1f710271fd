import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { answerRequests } from '../../../workers/runtime/answerRequests'
import type { ChildReply } from '../../../workers/runtime/messages'
import { releaseBuffers } from '../../../workers/thread/releaseBuffers'

const paymentRisk = join(packageRoot, 'examples/streaming/models/payment-risk/1/model.onnx')

it('takes the memory from buffers, also where some are empty or have been moved', () => {
  const buffers = [new ArrayBuffer(8), new ArrayBuffer(0), new ArrayBuffer(16)]
  releaseBuffers(buffers)
  expect(buffers.map(({ byteLength }) => byteLength)).toEqual([0, 0, 0])
  releaseBuffers(buffers)
})

it('frees what a batch was made of once it has been answered, and never what answers it', async () => {
  const order: string[] = []
  const replies: ChildReply[] = []
  const released: ArrayBuffer[] = []
  let answered = () => {}
  const answer = answerRequests({
    send: (reply) => {
      order.push(reply.kind)
      replies.push(reply)
    },
    release: (buffers) => {
      order.push('released')
      released.push(...buffers)
      answered()
    },
    end: () => {},
  })
  const data = new Float32Array(2 * 26)
  await new Promise<void>((resolve) => {
    answered = resolve
    answer({ call: 1, kind: 'load', key: 'a@1', graphPath: paymentRisk })
    const features = { type: 'float32', dims: [2, 26], data } as const
    answer({ call: 2, kind: 'infer', key: 'a@1', tensors: { features } })
  })
  expect(order).toEqual(['ready', 'loaded', 'inferred', 'released'])
  expect(released).toEqual([data.buffer])
  expect(replies[2]).toMatchObject({ tensors: { probability: { dims: [2] } } })
})
