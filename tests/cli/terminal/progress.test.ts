import { Progress } from '../../../cli/terminal/progress'

function world(screen: { isTTY?: boolean; columns?: number } = { isTTY: true }) {
  let time = 0
  const written: string[] = []
  const progress = new Progress({
    screen: { ...screen, write: (text) => written.push(text) },
    now: () => time,
  })
  const tellAt = (ms: number, text: string) => {
    time = ms
    progress.tell(() => text)
  }
  return { progress, written, tellAt }
}

const clear = '\r\u001b[K'

it('shows nothing of what is over within a second', () => {
  const { progress, written, tellAt } = world()
  tellAt(500, '1 of 2')
  tellAt(999, '2 of 2')
  progress.end()
  expect(written).toEqual([])
})

it('rewrites its line, no more than ten times a second, and leaves nothing behind', () => {
  const { progress, written, tellAt } = world()
  tellAt(1000, '1 of 9')
  tellAt(1050, '2 of 9')
  tellAt(1100, '3 of 9')
  progress.end()
  expect(written).toEqual([`${clear}1 of 9`, `${clear}3 of 9`, clear])
})

it('prints other lines above', () => {
  const { progress, written, tellAt } = world()
  progress.print('a is ready')
  tellAt(1000, '1 of 9')
  progress.print('b is ready')
  expect(written).toEqual(['a is ready\n', `${clear}1 of 9`, clear, 'b is ready\n', `${clear}1 of 9`])
})

it('is never longer than a line', () => {
  const { written, tellAt } = world({ isTTY: true, columns: 10 })
  tellAt(1000, '0123456789')
  expect(written).toEqual([`${clear}01234567…`])
})

it('is not even made where nobody looks on', () => {
  const { progress, written } = world({})
  const text = jest.fn(() => 'text')
  progress.tell(text)
  expect(text).not.toHaveBeenCalled()
  expect(written).toEqual([])
})
