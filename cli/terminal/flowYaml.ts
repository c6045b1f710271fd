import { stringify } from 'yaml'

/** A value as one line of YAML, in the style of steps in manifests. */
export function flowYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()
}
