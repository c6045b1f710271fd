import { show } from '../../lib/errors'
import { didYouMean, notOneOf } from '../../lib/files/nearMiss'
import { notAKey } from '../../lib/files/shapeProblems'
import { isMap } from '../../lib/isMap'
import { below, type RuleProblems } from '../ruleSet/problems'

/** The most problems that say more than what must be and what came. */
const mostExplained = 100

/** A value of a rule set that is being checked, and where it stands. */
export class Part {
  constructor(
    /** As written, possibly invalid; undefined if it is absent. */
    readonly value: unknown,
    readonly path: string,
    private readonly found: RuleProblems,
  ) {}

  get isGiven(): boolean {
    return this.value !== undefined
  }

  refuse(message: string): void {
    this.found.refuse(this.path, message)
  }

  warn(message: string): void {
    this.found.warn(this.path, message)
  }

  mustBe(expectation: string): void {
    this.refuse(`must be ${expectation}, got ${show(this.value)}`)
  }

  /** Whether nobody reads what else there is to say of a problem here, since there are very many, and each takes time. */
  get isOneOfMany(): boolean {
    return this.found.problems.length >= mostExplained
  }

  /** Refuses a name that is none of the known ones. `shown` is the name as it is written. */
  refuseName(mustBe: string, name: string, known: () => readonly string[], shown: string): void {
    this.refuse(this.isOneOfMany ? `${mustBe}, got ${shown}` : notOneOf(mustBe, name, known(), shown))
  }

  /** Whether it has its own entry of that name. `__proto__` is refused elsewhere, and is none. */
  has(key: string | number): boolean {
    const { value } = this
    return typeof value === 'object' && value !== null && key !== '__proto__' && Object.hasOwn(value, key)
  }

  /** An entry of a map or list; absent if there is none. */
  at(key: string | number): Part {
    const inner = this.has(key) ? (this.value as Record<string | number, unknown>)[key] : undefined
    return new Part(inner, below(this.path, key), this.found)
  }

  /** Those of a map; empty for anything else. */
  get entries(): readonly (readonly [key: string, entry: Part])[] {
    const keys = isMap(this.value) ? Object.keys(this.value) : []
    return keys.flatMap((key) => (this.has(key) ? [[key, this.at(key)] as const] : []))
  }

  /** Those of a list; empty for anything else. */
  get items(): readonly Part[] {
    return Array.isArray(this.value) ? this.value.map((_, index) => this.at(index)) : []
  }

  /** Refuses all but a map, unknown keys and missing required ones. Returns whether it is a map at all. */
  hasKeys(required: readonly string[], optional: readonly string[] = []): boolean {
    const keys = [...required, ...optional]
    if (!isMap(this.value)) {
      this.mustBe(`a map with the keys ${keys.join(', ')}`)
      return false
    }
    for (const [key, entry] of this.entries) {
      if (keys.includes(key)) continue
      entry.refuse(`${notAKey(keys)}${this.isOneOfMany ? '' : didYouMean(key, keys)}`)
    }
    for (const key of required) if (!this.at(key).isGiven) this.at(key).refuse('must be given, got nothing')
    return true
  }

  /** The entries of a map with arbitrary names, which may be absent. */
  named(what: string): Part['entries'] {
    if (this.isGiven && !isMap(this.value)) this.mustBe(`a map from names to ${what}`)
    return this.entries
  }

  /** The items of a list, which may be absent. */
  list(what: string): readonly Part[] {
    if (this.isGiven && !Array.isArray(this.value)) this.mustBe(`a list of ${what}`)
    return this.items
  }

  /** Refuses anything but a text that is not empty. It may be absent: if it is required, `hasKeys` has refused that. */
  text(): void {
    if (this.isGiven && (typeof this.value !== 'string' || this.value === ''))
      this.mustBe('text that is not empty')
  }

  /** Refuses a name that occurs earlier in the list, at its later place. */
  distinctNames(): void {
    const seen = new Map<unknown, number>()
    this.items.forEach((item, index) => {
      const name = item.at('name')
      const first = seen.get(name.value)
      if (typeof name.value !== 'string') return
      if (first === undefined) seen.set(name.value, index)
      else name.refuse(`must differ from the name at ${first}, got ${show(name.value)}`)
    })
  }
}
