import type { Report } from './report'

/** A plan in the form in which it is checked: nothing in it is but what is understood. */
export type PlanStep =
  | { readonly kind: 'root'; readonly fetch: PlannedFetch }
  | { readonly kind: 'entities'; readonly fetch: PlannedFetch; readonly lists: readonly EntityList[] }
  | { readonly kind: 'sequence' | 'parallel'; readonly steps: readonly PlanStep[] }

export interface PlannedFetch {
  readonly subgraph: string
  readonly operationKind: string
  readonly text: string
  /** The variables of the operation that are handed on. */
  readonly variableUsages: ReadonlySet<string>
}

/** Entities of some paths, asked for together. */
export interface EntityList {
  /** The response key of `_entities`. */
  readonly key: string
  /** The variable for the representations. */
  readonly variable: string
  readonly paths: readonly (readonly PathSegment[])[]
  readonly sent: readonly Sent[]
}

/** Lists are entered wherever they stand, so that `@` means nothing. */
export type PathSegment =
  | { readonly kind: 'field'; readonly key: string }
  | { readonly kind: 'types'; readonly names: readonly string[] }

/** What a representation holds. */
export type Sent =
  | {
      readonly kind: 'field'
      /** The response key in the fetched data. */
      readonly from: string
      /** The key in the representation. */
      readonly to: string
      readonly selections: readonly Sent[]
    }
  | { readonly kind: 'fragment'; readonly type: string; readonly selections: readonly Sent[] }

/** Reads JSON that claims to be a plan; stops the check at anything unexpected. */
export function readPlan(node: unknown, report: Report): PlanStep {
  const read = new Reader(report)
  return read.step(node)
}

class Reader {
  constructor(private readonly report: Report) {}

  step(value: unknown): PlanStep {
    this.report.step()
    const node = this.object(value, 'a node')
    switch (node['kind']) {
      case 'Sequence':
        return { kind: 'sequence', steps: this.list(node['nodes'], 'nodes').map((one) => this.step(one)) }
      case 'Parallel':
        return { kind: 'parallel', steps: this.list(node['nodes'], 'nodes').map((one) => this.step(one)) }
      case 'Fetch':
        if (this.maybeList(node['requires'], 'requires').length > 0) {
          return this.fail('A fetch at the root sends representations')
        }
        this.refuseRenames(node)
        return { kind: 'root', fetch: this.fetch(node) }
      case 'Flatten':
        return this.flatten(node)
      case 'BatchFetch':
        return this.batch(node)
      default:
        return this.fail(`The plan has a node of kind ${show(node['kind'])}`)
    }
  }

  private flatten(flatten: JsonObject): PlanStep {
    const node = this.object(flatten['node'], 'the node of a Flatten')
    if (node['kind'] !== 'Fetch') return this.fail(`A Flatten holds a node of kind ${show(node['kind'])}`)
    const list = this.entityList(node, {
      key: '_entities',
      variable: 'representations',
      paths: [this.path(flatten['path'])],
    })
    return { kind: 'entities', fetch: this.fetch(node), lists: [list] }
  }

  private batch(node: JsonObject): PlanStep {
    const aliases = this.list(this.object(node['entityBatch'], 'entityBatch')['aliases'], 'aliases')
    const lists = aliases.map((value) => {
      const alias = this.object(value, 'an alias of a BatchFetch')
      return this.entityList(alias, {
        key: this.text(alias['alias'], 'alias'),
        variable: this.text(alias['representationsVariableName'], 'representationsVariableName'),
        paths: this.list(alias['paths'], 'paths').map((path) => this.path(path)),
      })
    })
    if (lists.length === 0) return this.fail('A BatchFetch asks for no entities')
    return { kind: 'entities', fetch: this.fetch(node), lists }
  }

  private entityList(node: JsonObject, where: Omit<EntityList, 'sent'>): EntityList {
    this.refuseRenames(node)
    const sent = this.selections(node['requires'])
    if (sent.length === 0) return this.fail('A fetch of entities sends no representations')
    if (where.paths.some((path) => path.length === 0)) return this.fail('A path is empty')
    return { ...where, sent }
  }

  private fetch(node: JsonObject): PlannedFetch {
    const usages = this.maybeList(node['variableUsages'], 'variableUsages')
    return {
      subgraph: this.text(node['serviceName'], 'serviceName'),
      operationKind: this.text(node['operationKind'] ?? 'query', 'operationKind'),
      text: this.text(node['operation'], 'operation'),
      variableUsages: new Set(usages.map((name) => this.text(name, 'variableUsages'))),
    }
  }

  private path(value: unknown): PathSegment[] {
    return this.list(value, 'path').flatMap((segment): PathSegment[] => {
      if (segment === '@') return []
      const { Field, TypeCondition, ...rest } = this.object(segment, 'a segment of a path')
      if (Object.keys(rest).length > 0 || (Field === undefined) === (TypeCondition === undefined)) {
        return this.fail(`A path has the segment ${show(segment)}`)
      }
      if (Field !== undefined) return [{ kind: 'field', key: this.text(Field, 'Field') }]
      const names = this.list(TypeCondition, 'TypeCondition')
      return [{ kind: 'types', names: names.map((name) => this.text(name, 'TypeCondition')) }]
    })
  }

  private selections(value: unknown): Sent[] {
    return this.maybeList(value, 'requires').map((item): Sent => {
      this.report.step()
      const selection = this.object(item, 'a selection of requires')
      if (selection['kind'] === 'Field') {
        const from = this.text(selection['name'], 'name')
        const to = this.text(selection['alias'] ?? from, 'alias')
        return { kind: 'field', from, to, selections: this.selections(selection['selections']) }
      }
      if (selection['kind'] !== 'InlineFragment') {
        return this.fail(`A fetch sends a selection of kind ${show(selection['kind'])}`)
      }
      if (isGiven(selection['skipIf']) || isGiven(selection['includeIf'])) {
        return this.fail('What a fetch sends depends on a condition')
      }
      const type = this.text(selection['typeCondition'], 'typeCondition')
      return { kind: 'fragment', type, selections: this.selections(selection['selections']) }
    })
  }

  /** Setting the `__typename` of representations is done without being told; all else changes what data means. */
  private refuseRenames(node: JsonObject): void {
    const outputs = this.maybeList(node['outputRewrites'], 'outputRewrites')
    const inputs = this.maybeList(node['inputRewrites'], 'inputRewrites')
    if (outputs.length > 0 || !inputs.every(setsTypename)) {
      this.fail('A fetch renames or changes fields of what it sends or answers')
    }
  }

  private object(value: unknown, what: string): JsonObject {
    return isObject(value) ? value : this.fail(`The plan has ${show(value)} for ${what}`)
  }

  private list(value: unknown, what: string): readonly unknown[] {
    return Array.isArray(value) ? value : this.fail(`The plan has ${show(value)} for ${what}`)
  }

  private maybeList(value: unknown, what: string): readonly unknown[] {
    return isGiven(value) ? this.list(value, what) : []
  }

  private text(value: unknown, what: string): string {
    return typeof value === 'string' ? value : this.fail(`The plan has ${show(value)} for ${what}`)
  }

  private fail(message: string): never {
    return this.report.stop({ message })
  }
}

type JsonObject = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** The planner writes a ValueSetter in two forms. */
function setsTypename(rewrite: unknown): boolean {
  if (!isObject(rewrite) || rewrite['KeyRenamer'] !== undefined) return false
  const setter = rewrite['ValueSetter'] ?? rewrite
  if (!isObject(setter) || !Array.isArray(setter['path']) || typeof setter['setValueTo'] !== 'string') {
    return false
  }
  const keys = setter['path'].filter(
    (segment) => !isObject(segment) || segment['TypenameEquals'] === undefined,
  )
  return keys.length === 1 && isObject(keys[0]) && keys[0]['Key'] === '__typename'
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}
