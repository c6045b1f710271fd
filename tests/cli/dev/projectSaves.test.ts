import { appendFile, appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProjectSaves } from '../../../cli/dev/projectSaves'

const pollMs = 20

let folder: string
let saves: ProjectSaves

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presage-saves-'))
  saves = new ProjectSaves(() => [join(folder, 'store'), join(folder, 'exposures.jsonl')], pollMs)
})

afterEach(() => rmSync(folder, { recursive: true }))

/** Whether it is a save; for one to whom nothing was in vain, with nothing written by Presage, it is. */
async function isSave(act: () => void): Promise<boolean> {
  const others = new ProjectSaves(() => [], pollMs)
  const closing = new AbortController()
  const first = await saves.look([folder])
  act()
  let isSettled = false
  void saves.next([folder], first, closing.signal).then(() => {
    isSettled = true
  })
  // Once more, in case that the first was the quicker one.
  await others.next([folder], first, closing.signal)
  await others.next([folder], first, closing.signal)
  closing.abort()
  return isSettled
}

const append = (name: string) => () => appendFileSync(join(folder, name), 'x')

it('what Presage writes is no save, whether it is new or grows', async () => {
  expect(await isSave(append('exposures.jsonl'))).toBe(false)
  expect(await isSave(append('exposures.jsonl'))).toBe(false)
  const store = () => {
    mkdirSync(join(folder, 'store/versions'), { recursive: true })
    append('store/versions/1.json')()
  }
  expect(await isSave(store)).toBe(false)
  expect(await isSave(append('store.yaml'))).toBe(true)
})

it('a file that changes ever again in vain is no save any more, until an attempt ends in another way', async () => {
  writeFileSync(join(folder, 'access.log'), '')
  const last = async () => {
    const came = []
    for (let time = 0; time < 4; time++) {
      came.push(await isSave(append('access.log')))
      saves.isAsBefore('the same')
    }
    return came
  }
  saves.isAsBefore('the same')
  expect(await last()).toEqual([true, true, true, false])
  expect(await isSave(append('mended.js'))).toBe(true)
  saves.isAsBefore('another')
  expect(await isSave(append('access.log'))).toBe(true)
})

it('nor are files that each have another name', async () => {
  const came = []
  for (let time = 0; time < 4; time++) came.push(await isSave(append(`${time}.tmp`)))
  expect(came).toEqual([true, true, true, false])
})

it('nor are the packages of a Python environment, whatever its name', async () => {
  mkdirSync(join(folder, 'env/lib'), { recursive: true })
  append('env/pyvenv.cfg')()
  expect([...(await saves.look([folder])).keys()]).toEqual([folder])
  expect(await isSave(append('train.py'))).toBe(true)
})

it('a save is seen while another file is being written without a rest', async () => {
  const closing = new AbortController()
  const writing = setInterval(() => appendFile(join(folder, 'train.log'), 'x', () => {}), 2)
  try {
    append('train.log')()
    const first = await saves.look([folder])
    append('mended.js')()
    await saves.next([folder], first, closing.signal)
  } finally {
    clearInterval(writing)
    closing.abort()
  }
})
