import { stringify } from 'yaml'

/** A value in one line of YAML, as manifests write steps. */
export function flowYaml(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim()
}
