import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'

const original = join(packageRoot, 'examples/own-model/underwriting')

/**
 * A project with many objectives, each with a field, a rule that leads to a version, a canary that leads to another one, and further
 * versions that no rule names. Returns the path of its configuration.
 */
export function largeProject(objectives: number, versionsEach: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'presage-large-'))
  const manifest = readFileSync(join(original, 'models/income-estimator/1/model.yaml'), 'utf8')
  const contract = readFileSync(join(original, 'objectives/EXPECTED_INCOME.yaml'), 'utf8')
  const put = (file: string, text: string) => {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), text)
  }
  const numbers = Array.from({ length: objectives }, (_, at) => at)
  for (const number of numbers) {
    put(`objectives/OBJECTIVE_${number}.yaml`, contract.replaceAll('EXPECTED_INCOME', `OBJECTIVE_${number}`))
    for (let version = 1; version <= versionsEach; version++) {
      const place = join(folder, `models/model-${number}/${version}`)
      cpSync(join(original, 'models/income-estimator/1'), place, { recursive: true })
      put(
        `models/model-${number}/${version}/model.yaml`,
        manifest
          .replaceAll('income-estimator', `model-${number}`)
          .replaceAll('EXPECTED_INCOME', `OBJECTIVE_${number}`)
          .replace('version: "1"', `version: "${version}"`),
      )
    }
  }
  const inputs = 'seniority: Int!, age: Int!, job: String, expenses: Float!'
  const fields = numbers.map(
    (number) => `  f${number}(INPUTS): Float @predict(objective: "OBJECTIVE_${number}")`,
  )
  put(
    'large/schema.graphql',
    `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])

type Query {
${fields.join('\n').replaceAll('INPUTS', inputs)}
}
`,
  )
  put(
    'rover.yaml',
    'subgraphs: { large: { routing_url: "http://large", schema: { file: large/schema.graphql } } }\n',
  )
  const rules = numbers.map(
    (number) => `  OBJECTIVE_${number}:
    default: model-${number}@1
    canary: { of: model-${number}@1, to: model-${number}@2, percent: 10, salt: a, unit: context.member }`,
  )
  put('rules.yaml', `objectives:\n${rules.join('\n')}\n`)
  put(
    'presage.yaml',
    `graph: { supergraph: supergraph.graphql, planLock: plan.lock.json }
platform: true
context: { member: { from: edge, header: x-member } }
limits: { predictionAliases: ${objectives}, rootFields: ${objectives} }
`,
  )
  return join(folder, 'presage.yaml')
}
