import { z } from 'zod'
import { deepFreeze } from '../../lib/deepFreeze'
import { LoadError } from '../../lib/errors'
import { fewProblems } from '../../lib/files/fileProblems'
import { readYaml } from '../../lib/files/parseYaml'
import { parseShape } from '../../lib/files/shapeProblems'
import {
  duration,
  fileName,
  finite,
  name,
  namedShape,
  strictShape,
  text,
  toMilliseconds,
  whole,
} from '../../lib/files/shapes'
import { yamlPlaces } from '../../lib/files/yamlPlaces'
import type { Manifest } from '../contracts/manifest'
import { featureShape, toInputSpec } from '../objectives/inputShape'
import { postprocessSteps } from '../postprocess/registration'
import { preprocessSteps } from '../preprocess/registration'
import { checkReferences } from './checkReferences'
import { checkStep, stepSchemas, stepShape } from './stepShape'

const idError = 'must be text of letters, digits, -, _ and ., in quotes where it could be a number'
const id = z.string({ error: idError }).regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, idError)

const sha256 = z
  .string({
    error: ({ input }) =>
      input === undefined ? 'must be a SHA-256 (`presage models digest` writes it)' : 'must be a SHA-256',
  })
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 of 64 digits from 0 to f, in quotes if need be')

const vocabularyError = 'must be { file, sha256 } or a list of ids or words'
const vocabularyShape = z.union(
  [
    strictShape({ file: fileName, sha256 }),
    z
      .array(z.union([z.string(), z.int()]))
      .min(1, vocabularyError)
      .transform((entries) => ({ entries })),
  ],
  { error: vocabularyError },
)

const graphFile = {
  file: fileName,
  bytes: whole(1).describe("The file's size"),
  sha256: sha256.describe("The file's SHA-256"),
}

const columnSteps = new Map([...preprocessSteps].filter(([, step]) => step.fills !== 'tensor'))

/** One step, or a list of column steps that fill neighbouring columns. */
const tensorShape = z
  .unknown()
  .superRefine((value, context) => {
    if (!Array.isArray(value) || value.length === 0) return checkStep(value, preprocessSteps, context)
    for (const [place, step] of value.entries()) checkStep(step, columnSteps, context, [place])
  })
  .meta({
    anyOf: [
      ...stepSchemas(preprocessSteps),
      { type: 'array', minItems: 1, items: { anyOf: stepSchemas(columnSteps) } },
    ],
  })

const remoteNames = z
  .record(text, text, { error: 'must be a map from tensors of the graph to names' })
  .refine((names) => new Set(Object.values(names)).size === Object.keys(names).length, {
    error: 'must not give two tensors the same name',
  })
  .optional()

const notEmpty = (map: object) => Object.keys(map).length > 0

/** `models/<model>/<version>/model.yaml`. */
export const manifestShape = strictShape({
  name: id.describe('The name of the parent folder'),
  version: id.describe('The name of the folder, in quotes: "3"'),
  serves: z
    .array(name, { error: 'must be a list of objectives' })
    .optional()
    .describe('Objectives that it may serve'),
  platform: z
    .literal('onnx', { error: 'must be onnx (pipeline and remote are not built yet)' })
    .optional()
    .describe('The only kind is onnx'),
  graph: strictShape({
    ...graphFile,
    data: z
      .array(strictShape(graphFile), { error: 'must be a list of { file, bytes, sha256 }' })
      .min(1, 'must not be empty')
      .optional()
      .describe("Files with the graph's weights, by the names that the graph uses"),
  }),
  vocabularies: namedShape(vocabularyShape, 'vocabularies')
    .optional()
    .describe('JSON files with an array of ids or words, or such an array itself'),
  features: namedShape(featureShape, 'features').describe('Logical values that the model consumes'),
  preprocess: z
    .record(text, tensorShape, { error: 'must be a map from inputs of the graph to steps' })
    .refine(notEmpty, 'must not be empty')
    .describe('For each input of the graph, the steps that make it from features'),
  postprocess: namedShape(stepShape(postprocessSteps), 'steps')
    .refine(notEmpty, 'must not be empty')
    .describe('For each output, the step that makes it from outputs of the graph or from outputs above it'),
  batching: strictShape({
    maxRows: whole(1).optional().describe('Maximum number of rows in one run; default: 512'),
    maxDelay: duration.optional().describe('How long an idle worker waits for more rows; default: 0ms'),
  }).optional(),
  golden: fileName
    .optional()
    .describe('Cases that a loaded version must answer: { tolerance, cases: [{ input, output }] }'),
  instances: whole(1).optional().describe('How many workers of its shard load it; default: all'),
  warmUp: z
    .array(whole(1), { error: 'must be a list of batch sizes' })
    .optional()
    .describe('Batch sizes to run before the version counts as ready; default: [1]'),
  remote: strictShape({
    model: text.optional().describe('Its name there; default: name'),
    version: z
      .string({ error: 'must be text' })
      .optional()
      .describe('Its version there, "" for a server without versions; default: version'),
    inputs: remoteNames.describe('By input of the graph, its name there'),
    outputs: remoteNames.describe('By output of the graph, its name there'),
  })
    .optional()
    .describe('What the servers of a remote shard call it, where that differs'),
  owner: text.optional(),
  description: text.optional(),
  licence: text.optional(),
  metrics: z
    .record(text, finite, { error: 'must be a map from names to numbers' })
    .optional()
    .describe('Metrics on data that it was not trained with, by name: { AUC: 0.87 }'),
}).refine(
  ({ warmUp = [], batching }) => warmUp.every((rows) => rows <= (batching?.maxRows ?? defaultMaxRows)),
  { path: ['warmUp'], error: 'must have at most batching.maxRows rows' },
)

const defaultMaxRows = 512

/**
 * Parses a manifest, and checks each step by its own shape and every name that a step mentions. Throws `LoadError` with
 * all problems at once, each as `file:line: path: expectation, got what`.
 */
export function parseManifest(yaml: string, file: string): Manifest {
  const place = yamlPlaces(yaml, file)
  const source = parseShape(manifestShape, readYaml(yaml, file), file, place)
  const { serves = [], platform = 'onnx', vocabularies = {}, warmUp = [1], ...rest } = source
  const manifest: Manifest = {
    ...rest,
    key: `${source.name}@${source.version}`,
    serves,
    platform,
    vocabularies,
    features: Object.entries(source.features).map(([key, { input = key, ...feature }]) => ({
      ...toInputSpec(key, feature),
      input,
    })),
    preprocess: source.preprocess as Manifest['preprocess'],
    postprocess: source.postprocess as Manifest['postprocess'],
    batching: {
      maxRows: source.batching?.maxRows ?? defaultMaxRows,
      maxDelayMs: toMilliseconds(source.batching?.maxDelay ?? '0ms'),
    },
    warmUp,
  }
  const problems = checkReferences(manifest)
  if (problems.length > 0)
    throw new LoadError(
      fewProblems(
        problems.map((problem) => `${place(problem.split(': ', 1)[0])}: ${problem}`),
        file,
      ),
    )
  return deepFreeze(manifest)
}
