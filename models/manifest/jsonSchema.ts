import { z } from 'zod'
import { objectiveShape } from '../objectives/parseObjective'
import { manifestShape } from './parseManifest'

export type JsonSchema = Readonly<Record<string, unknown>>

/** The JSON Schema of `objectives/<NAME>.yaml`, for editors. */
export function objectiveJsonSchema(): JsonSchema {
  return { ...z.toJSONSchema(objectiveShape, { io: 'input' }), title: 'Objective' }
}

/** The JSON Schema of `model.yaml`, for editors. */
export function modelJsonSchema(): JsonSchema {
  return { ...z.toJSONSchema(manifestShape, { io: 'input' }), title: 'Model' }
}
