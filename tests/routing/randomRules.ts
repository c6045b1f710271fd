import type { ObjectiveContract } from '../../routing/ruleSet/knownNames'

// Looked up once: within Jest a global costs a hundred times what it does elsewhere.
const { floor } = Math

export const models = ['a@1', 'a@2', 'b@1', 'b@2', 'c@1']

export const contract: ObjectiveContract = {
  inputs: [
    { name: 'year', type: { kind: 'Int' }, nullable: true, onNull: 'missing' },
    { name: 'genre', type: { kind: 'String' }, nullable: false, onNull: 'error' },
    { name: 'titleId', type: { kind: 'ID' }, nullable: false, onNull: 'error' },
    { name: 'limit', type: { kind: 'Int' }, nullable: false, default: 10, onNull: 'missing' },
  ],
}

const texts = [
  'DE',
  'AT',
  'CH',
  'FR',
  '',
  'd',
  'DEU',
  '～',
  '😀',
  '10',
  '9',
  'true',
  '3.2.0',
  '3.10.0',
  '3.3.0-rc.1',
  '1.4',
  'v2.0.0',
]
const numbers = [0, 1, -1, 9, 10, 18, 18.5, 1950, 1e21, -0]
const keys = ['country', 'device', 'app', 'age', 'beta', 'member', 'constructor', 'toString']
const inputs = ['year', 'genre', 'titleId', 'limit']
const ranges = ['>=3.2.0', '^1.4 || 3.x', '>=2.0.0-rc.1 <2.1.0', '*', '<3', '~3.3.0-rc.0']
const units = [
  'context.member',
  'context.age',
  'context.beta',
  'context.country',
  'input.titleId',
  'input.limit',
]

/** Rule sets for the objective `O` and requests to them, small enough that what they say often meets. */
export class RandomRules {
  constructor(private readonly random: () => number) {}

  ruleSet() {
    const experiments = ['x', 'y', 'constructor']
    return {
      objectives: {
        O: {
          ...(this.chance(0.9) && {
            rules: this.list(this.chance(0.03) ? 40 : 6, (at) => this.rule(at, experiments)),
          }),
          default: this.chance(0.3) ? { experiment: this.pick(experiments) } : this.pick(models),
          ...(this.chance(0.7) && { canary: this.canary() }),
          ...(this.chance(0.5) && {
            shadow: this.list(this.chance(0.05) ? 12 : 3, () => ({
              model: this.pick(models),
              ...this.draw('s'),
            })),
          }),
        },
      },
      experiments: Object.fromEntries(experiments.map((name) => [name, this.experiment(name)])),
      placement: this.placement(),
    }
  }

  context(): Record<string, string | number | boolean> {
    const context: Record<string, string | number | boolean> = {}
    for (const key of keys) {
      if (this.chance(0.3)) continue
      context[key] = key === 'member' ? String(this.below(1000)) : this.scalar()
    }
    return context
  }

  inputs(): Record<string, unknown> {
    const values: Record<string, unknown> = {}
    if (this.chance(0.8)) values['year'] = this.chance(0.2) ? null : this.pick(numbers)
    if (this.chance(0.8)) values['genre'] = this.chance(0.2) ? null : this.pick(texts)
    if (this.chance(0.9)) values['titleId'] = this.chance(0.5) ? this.below(100) : String(this.below(100))
    if (this.chance(0.5)) values['limit'] = this.chance(0.3) ? null : this.pick(numbers)
    return values
  }

  chance(probability: number): boolean {
    return this.random() < probability
  }

  below(count: number): number {
    return floor(this.random() * count)
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]
  }

  private list<T>(most: number, make: (at: number) => T): T[] {
    return Array.from({ length: this.below(most + 1) }, (_, at) => make(at))
  }

  private rule(at: number, experiments: readonly string[]) {
    return {
      name: `rule ${at}`,
      ...(this.chance(0.95) && { when: this.condition(2) }),
      use: this.chance(0.4) ? { experiment: this.pick(experiments) } : this.pick(models),
    }
  }

  private condition(depth: number): Record<string, unknown> {
    const condition: Record<string, unknown> = {}
    for (let entry = this.below(4); entry > 0; entry--) {
      const kind = this.random()
      if (depth > 0 && kind < 0.1) condition['all'] = this.list(3, () => this.condition(depth - 1))
      else if (depth > 0 && kind < 0.25) condition['any'] = this.list(3, () => this.condition(depth - 1))
      else if (depth > 0 && kind < 0.4) condition['not'] = this.condition(depth - 1)
      else condition[this.key()] = this.chance(0.3) ? this.scalar() : this.operators()
    }
    return condition
  }

  private key(): string {
    if (this.chance(0.1)) return `input.${this.pick(inputs)}`
    const key = this.pick(keys)
    return this.chance(0.2) ? `context.${key}` : key
  }

  private operators(): Record<string, unknown> {
    const operators: Record<string, unknown> = {}
    for (let count = this.chance(0.02) ? 0 : 1 + this.below(2); count > 0; count--) {
      const ordered = this.chance(0.5) ? this.pick(texts) : this.pick(numbers)
      const [name, operand] = this.pick<[string, unknown]>([
        ['eq', this.scalar()],
        ['ne', this.scalar()],
        ['in', this.list(3, () => this.scalar())],
        ['notIn', this.list(3, () => this.scalar())],
        ['lt', ordered],
        ['lte', ordered],
        ['gt', ordered],
        ['gte', ordered],
        ['prefix', this.pick(['', 'D', 'DE', '3.', '😀'])],
        ['semver', this.pick(ranges)],
        ['exists', this.chance(0.5)],
      ])
      operators[name] = operand
    }
    return operators
  }

  private scalar(): string | number | boolean {
    const kind = this.random()
    return kind < 0.6 ? this.pick(texts) : kind < 0.9 ? this.pick(numbers) : this.chance(0.5)
  }

  private canary() {
    const of = this.pick(models)
    return { of, to: this.pick(models.filter((model) => model !== of)), ...this.draw('c') }
  }

  private draw(salt: string) {
    return {
      percent: this.pick([0, 0.0001, 5, 33.3333, 50, 74.3661, 100]),
      salt: `${salt}-${this.below(5)}`,
      ...(this.chance(0.4) && { unit: this.unit() }),
    }
  }

  private unit(): string {
    return this.chance(0.7) ? this.pick(units.slice(0, 4)) : this.pick(units)
  }

  private experiment(name: string) {
    const splits = [
      [100],
      [50, 50],
      [0, 100, 0],
      [33.3333, 33.3333, 33.3334],
      [0.0007, 99.9993],
      [90.848, 9.152],
    ]
    const cells = this.pick(splits).map((percent, at) => ({
      name: `cell ${at}`,
      percent,
      use: this.pick(models),
    }))
    return { salt: `${name}-1`, ...(this.chance(0.4) && { unit: this.unit() }), cells }
  }

  private placement(): Record<string, string | string[]> {
    const placement: Record<string, string | string[]> = {}
    for (const key of ['*', 'a', 'b@1', 'c']) {
      if (this.chance(0.4)) placement[key] = this.chance(0.5) ? this.pick(['main', 'big']) : ['small', 'big']
    }
    return placement
  }
}
