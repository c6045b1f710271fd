import { join } from 'node:path'
import { z } from 'zod'
import { packageRoot } from '../../lib/packagePaths'
import { modelJsonSchema, objectiveJsonSchema } from '../../models/manifest/jsonSchema'
import { ruleSetJsonSchema } from '../../routing/parse/jsonSchema'
import { configSchema } from '../config/config'
import { writeGenerated } from '../process/generatedFile'

/** Writes the JSON Schemas of objectives, manifests, rule sets and the configuration, or checks that they are up to date. */
export function writeJsonSchemas(check: boolean): void {
  const schemas = {
    'objective.schema.json': objectiveJsonSchema(),
    'model.schema.json': modelJsonSchema(),
    'ruleset.json': ruleSetJsonSchema(),
    'presage.schema.json': z.toJSONSchema(configSchema, { io: 'input' }),
  }
  const files = Object.entries(schemas).map(([name, schema]) => ({
    path: join(packageRoot, 'schemas', name),
    content: `${JSON.stringify(schema, null, 2)}\n`,
  }))
  writeGenerated(files, 'presage json-schemas', check)
}
