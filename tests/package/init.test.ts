import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { templates } from '../../cli/init/templates'
import { postQuery } from '../support/example'
import { giveMoreTime } from '../support/moreTime'
import { startNode } from '../support/nodeProcess'
import { type Consumer, command, createConsumer } from './consumer'
import { npm, type PackedPackage, packBuilt } from './packedPackage'

let packed: PackedPackage
let consumer: Consumer

beforeAll(() => {
  packed = packBuilt()
  consumer = createConsumer(packed)
}, 240_000)
afterAll(() => {
  consumer?.dispose()
  packed?.dispose()
})

const queries = {
  minimal: '{ orders { id returnRisk } }',
  'apollo-subgraph': '{ orders { id returnRisk } }',
  streaming: '{ titles { name predictedRating } }',
}

/** Templates with the same package.json as an earlier one, whose installation they take. */
const installedAlike: Partial<Record<keyof typeof templates, keyof typeof templates>> = {
  streaming: 'minimal',
}

const readPackage = (template: string) =>
  JSON.parse(readFileSync(join(consumer.folder, template, 'package.json'), 'utf8'))

describe.each(Object.keys(templates) as (keyof typeof templates)[])(
  'presage init, of a package from a tarball, with the template %s',
  (template) => {
    const folder = () => join(consumer.folder, template)

    it('installs what the project needs, the same Presage and one copy of graphql among it', async () => {
      const like = installedAlike[template]
      const options = like === undefined ? [] : ['--no-install']
      const { code, err } = await consumer.presage(['init', template, '--template', template, ...options])
      expect({ code, err: err.replace(/^npm warn.*\n/gm, '') }).toEqual({ code: 0, err: '' })
      giveMoreTime(folder())
      const { dependencies, ...more } = readPackage(template)
      if (like !== undefined) {
        expect({ dependencies, ...more, name: like }).toEqual(readPackage(like))
        execFileSync('cp', ['-al', join(consumer.folder, like, 'node_modules'), folder()])
      }
      expect(join(folder(), dependencies.presage.replace('file:', ''))).toBe(packed.tarball)
      expect(readdirSync(join(folder(), 'node_modules/presage'))).toContain('templates')
      expect(npm(['ls', 'graphql', '--parseable'], folder()).trim().split('\n')).toHaveLength(1)
    }, 240_000)

    it('makes a project that passes its own tests', () => {
      expect(npm(['test'], folder())).toMatch(/pass [1-9]/)
    }, 120_000)

    it('makes a project whose tests pass too where its commands are further up, as in a workspace', () => {
      const modules = join(folder(), 'node_modules')
      renameSync(join(modules, '.bin'), join(modules, '.aside'))
      try {
        // Of its script, what starts the command itself; the others npm finds.
        expect(npm(['exec', '-c', 'node --test'], folder())).toMatch(/pass [1-9]/)
      } finally {
        renameSync(join(modules, '.aside'), join(modules, '.bin'))
      }
    }, 120_000)

    it('makes a project that presage dev serves', async () => {
      const dev = await startNode(
        [join(folder(), command), 'dev', '--port', '0'],
        /Presage serves (\S+) and watches/,
        folder(),
      )
      const { errors, data } = await postQuery(dev.ready, queries[template])
      expect(errors).toBeUndefined()
      expect(Object.values(data as Record<string, unknown[]>)[0]).not.toHaveLength(0)
      expect(await dev.stop()).toBe(0)
    })
  },
)
