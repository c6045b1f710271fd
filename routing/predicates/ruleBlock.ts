import type { Context } from '../../lib/clientRequest'
import type { Column } from '../../lib/column'
import type { ObjectiveContract } from '../knownNames'
import type { Operators, Rule } from '../ruleSet'
import { compileCondition, type Test, takeApart } from './compileCondition'
import { compileRead, type ReadValue } from './readValue'
import { ValueMasks } from './valueMasks'

/** As many as an integer has bits. */
export const blockSize = 32

/**
 * Up to 32 rules in their order, compiled together: each key that they read is looked up once and gives the rules that may
 * still match, as bits. Only those, lowest first, are asked for what cannot be said key by key.
 */
export class RuleBlock {
  private readonly reads: readonly ReadValue[]
  private readonly masks: readonly ValueMasks[]
  /** Of the rules that have an `any` or a `not`. */
  private readonly others: readonly (Test | undefined)[]
  private readonly all: number

  constructor(rules: readonly Rule[], contract: ObjectiveContract) {
    this.all = rules.length === blockSize ? -1 : (1 << rules.length) - 1
    const parts = rules.map(({ when = {} }) => takeApart(when))
    this.others = parts.map(({ others }) =>
      others.length === 0 ? undefined : compileCondition({ all: others }, contract),
    )
    const keys = new Map<string, { read: ReadValue; demands: Map<number, Operators[]> }>()
    parts.forEach(({ clauses }, rule) => {
      for (const { reference, operators } of clauses) {
        const name = `${reference.from}.${reference.name}`
        const key = keys.get(name) ?? { read: compileRead(reference, contract), demands: new Map() }
        keys.set(name, key)
        const ofRule = key.demands.get(rule) ?? []
        key.demands.set(rule, ofRule)
        ofRule.push(operators)
      }
    })
    this.reads = [...keys.values()].map(({ read }) => read)
    this.masks = [...keys.values()].map(({ demands }) => new ValueMasks(demands))
  }

  /** The first rule that matches, or -1. */
  match(context: Context, columns: readonly Column[], row: number): number {
    const { reads, masks, others } = this
    let left = this.all
    for (let key = 0; key < reads.length; key++) {
      left &= masks[key].of(reads[key](context, columns, row))
      if (left === 0) return -1
    }
    while (left !== 0) {
      const lowest = left & -left
      const rule = 31 - Math.clz32(lowest)
      const test = others[rule]
      if (test === undefined || test(context, columns, row)) return rule
      left ^= lowest
    }
    return -1
  }
}
