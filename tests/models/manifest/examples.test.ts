import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { modelContract } from '../../../models/manifest/modelContract'
import { servesObjective } from '../../../models/manifest/servesObjective'
import { loadRepository } from '../../../models/repository/repository'

const roots = ['examples/streaming', 'examples/streaming/movielens'].map((root) => join(packageRoot, root))
const { objectives, versions, problems } = loadRepository(roots)

test('the example’s roots hold no problem', () => {
  expect(problems).toEqual([])
  expect(versions.filter(({ state }) => state === 'refused')).toEqual([])
  expect(versions.length).toBeGreaterThan(10)
})

test.each(versions.map((version) => version.key))(
  '%s serves its objectives as far as can be told without its graph',
  (key) => {
    const version = versions.find((candidate) => candidate.key === key)
    if (version?.state !== 'found') throw new Error(`${key} was refused`)
    const contract = modelContract(version.manifest, objectives)
    expect(version.manifest.serves).not.toEqual([])
    for (const name of version.manifest.serves) {
      const objective = objectives.get(name)
      if (objective === undefined) throw new Error(`${key} serves ${name}, which is no objective`)
      expect(servesObjective(contract.features, contract.outputs, objective)).toEqual([])
    }
  },
)
