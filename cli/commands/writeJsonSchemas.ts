import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { modelJsonSchema, objectiveJsonSchema } from '../../models/manifest/jsonSchema'
import { ruleSetJsonSchema } from '../../routing/parse/jsonSchema'
import { configJsonSchema } from '../config/schema/configJsonSchema'
import { writeGenerated, writtenLines } from '../process/generatedFile'
import { type JsonOption, printResult } from '../terminal/printResult'

/** Writes the JSON Schemas of objectives, manifests, rule sets and the configuration, or checks that they are up to date. */
export function writeJsonSchemas({ check = false, ...options }: JsonOption & { check?: boolean }): void {
  const schemas = {
    'objective.schema.json': objectiveJsonSchema(),
    'model.schema.json': modelJsonSchema(),
    'ruleset.json': ruleSetJsonSchema(),
    'presage.schema.json': configJsonSchema(),
  }
  const files = Object.entries(schemas).map(([name, schema]) => ({
    path: join(packageRoot, 'schemas', name),
    content: `${JSON.stringify(schema, null, 2)}\n`,
  }))
  const written = writeGenerated(files, 'presage json-schemas', check)
  printResult({ text: writtenLines(written).join('\n'), value: written }, options)
}
