import { isDeepStrictEqual } from 'node:util'
import { isMap } from '../../../lib/isMap'
import type { Manifest } from '../../../models/contracts/manifest'
import type { Model } from '../../../models/contracts/model'
import { describeInput, describeOutput } from '../../../platform/describeSpec'
import { flowYaml } from '../../terminal/flowYaml'

/** The differences between two manifests, a line for each. */
export interface ManifestDifferences {
  /** Features and outputs, which callers depend on. */
  readonly contract: readonly string[]
  readonly steps: readonly string[]
  /** Everything else. */
  readonly manifest: readonly string[]
}

export function diffManifests(before: Model, after: Model): ManifestDifferences {
  const [one, two] = [before.manifest, after.manifest]
  return {
    contract: [
      ...changes(
        'feature ',
        byName(before.features.map(describeInput)),
        byName(after.features.map(describeInput)),
      ),
      ...changes(
        'output ',
        byName(before.outputs.map(describeOutput)),
        byName(after.outputs.map(describeOutput)),
      ),
    ],
    steps: [
      ...changes('input of the graph ', one.preprocess, two.preprocess),
      ...changes('output ', one.postprocess, two.postprocess),
    ],
    manifest: changes('', facts(one), facts(two)),
  }
}

/** All but what names the version, and what is compared above. */
function facts(manifest: Manifest): Readonly<Record<string, unknown>> {
  const entries = Object.entries(manifest).filter(([key]) => !comparedElsewhere.includes(key))
  return Object.fromEntries(entries)
}

const names = ['name', 'version', 'key', 'platform']
const comparedElsewhere = [...names, 'features', 'preprocess', 'postprocess', 'golden']

function byName(specs: readonly { readonly name: string }[]): Record<string, object> {
  return Object.fromEntries(specs.map(({ name, ...spec }) => [name, defined(spec)]))
}

function defined(object: object): object {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined))
}

function changes(
  kind: string,
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name) => change(kind + name, before[name], after[name]))
}

/** Compares maps key by key, and lists step by step. */
function change(what: string, before: unknown, after: unknown): readonly string[] {
  if (isDeepStrictEqual(before, after)) return []
  if (before === undefined) return [`${what}: added, ${flowYaml(after)}`]
  if (after === undefined) return [`${what}: removed, was ${flowYaml(before)}`]
  if (isMap(before) && isMap(after)) return changes(`${what}.`, before, after)
  if (Array.isArray(before) && Array.isArray(after) && [...before, ...after].every(isMap)) {
    const lines = itemChanges(what, before, after)
    if (lines.length > 0) return lines
  }
  return [`${what}: ${flowYaml(before)} → ${flowYaml(after)}`]
}

/** Empty if only the order differs. */
function itemChanges(what: string, before: readonly unknown[], after: readonly unknown[]): readonly string[] {
  const lacks = (items: readonly unknown[]) => (item: unknown) =>
    !items.some((other) => isDeepStrictEqual(item, other))
  return [
    ...before.filter(lacks(after)).map((item) => `${what}: removed, was ${flowYaml(item)}`),
    ...after.filter(lacks(before)).map((item) => `${what}: added, ${flowYaml(item)}`),
  ]
}
