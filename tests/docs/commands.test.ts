import { runPresage } from '../support/presageCommand'
import { readPages } from './markdown'

/** Every `presage ...` that a page names, against what the commands say of themselves with --help. */

/** The options of each command, by its words, such as `models try`; of a group of commands too. */
const known = new Map<string, ReadonlySet<string>>()
const groups = new Set<string>()

beforeAll(() => readHelp(''), 120_000)

async function readHelp(command: string): Promise<void> {
  const { out } = await runPresage([...command.split(' ').filter(Boolean), '--help'])
  const options = [...out.matchAll(/^ {2}(?:-\w, )?(--[a-z-]+)/gm)].map(([, option]) => option)
  known.set(command, new Set([...options, ...(known.get('') ?? [])]))
  if (!/^Usage: .*[[<]command[\]>]/.test(out)) return
  groups.add(command)
  const sections = out.split(/\n(?=\S+.*:\n)/).filter((section) => !/^(Usage|Options|Examples)/.test(section))
  const names = sections.flatMap((section) => [...section.matchAll(/^ {2}([a-z][a-z-]*) /gm)])
  for (const [, name] of names) if (name !== 'help') await readHelp(`${command} ${name}`.trim())
}

it('knows commands and their options', () => {
  expect([...known.keys()]).toEqual(
    expect.arrayContaining(['start', 'models try', 'rules explain', 'schema print']),
  )
  expect(known.get('compose')).toContain('--check')
  expect(problem('presage rules explains X')).toBeDefined()
  expect(problem('presage compose --chekc')).toBeDefined()
  expect(problem('npx presage models try a@1 --features {}')).toBeUndefined()
})

it('every command in the pages exists, with the options that are named', () => {
  const wrong: string[] = []
  let count = 0
  for (const { path, blocks, codes } of readPages().values()) {
    const lines = blocks
      .filter(({ info }) => info.startsWith('sh'))
      .flatMap(({ line, text }) => text.split('\n').map((one, at) => ({ line: line + 1 + at, text: one })))
    for (const { line, text } of [...codes, ...lines]) {
      for (const [usage] of text.matchAll(/(?<![\w./@"-])presage (?:--[a-z]|[a-z])[^&|;#]*/g)) {
        if (!/^\s*(npx |PORT=\d+ )?presage |^npm run presage|&& npx presage /.test(text)) continue
        count++
        const one = problem(usage)
        if (one !== undefined) wrong.push(`${path}:${line}: ${usage.trim()}: ${one}`)
      }
    }
  }
  expect(count).toBeGreaterThan(100)
  expect(wrong).toEqual([])
})

/** What is wrong with a line such as `presage models list [--objective NAME]`; undefined if nothing is. */
function problem(usage: string): string | undefined {
  const words = usage
    .replace(/^.*?presage /, '')
    .split(/[\s[\]()]+/)
    .filter(Boolean)
  let command = ''
  while (words.length > 0 && groups.has(command) && /^[a-z][a-z-]*,?$/.test(words[0])) {
    const next = `${command} ${words.shift()!.replace(',', '')}`.trim()
    if (!known.has(next)) return `${next} is no command`
    command = next
  }
  const unknown = words.find(
    (word) => /^--[a-z]/.test(word) && !known.get(command)!.has(word.replace(/[=,].*/, '')),
  )
  return unknown === undefined ? undefined : `${unknown} is no option of ${command}`
}
