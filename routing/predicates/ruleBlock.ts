import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import { type Reference, referenceText } from '../ruleSet/reference'
import type { Rule } from '../ruleSet/ruleSet'
import type { BlockLayout, Layouts } from './blockLayout'
import { compileCondition, compileOperators, type Test, takeApart } from './compileCondition'
import type { Predicate } from './operators'
import type { ValueTable } from './valueTable'

/** As many as an integer has bits beside the one that says that a cell is filled. */
export const blockSize = 31
const isFilled = 1 << 31

/**
 * Up to 31 rules in their order, compiled together: each key that they read is looked up once and gives the rules that may
 * still match, as bits. Only those, lowest first, are asked for what cannot be said key by key.
 */
export class RuleBlock {
  /** What is read; the same object for all blocks that read the same, so that it stays at hand. */
  private readonly layout: BlockLayout
  private readonly place: number
  private readonly all: number
  /** By rule, its `any` and `not`; undefined where no rule has one. */
  private readonly others: readonly (Test | undefined)[] | undefined
  /** By key, what the rules demand of it, each with the bit of its rule. */
  private readonly demands: readonly (readonly { readonly bit: number; readonly accepts: Predicate }[])[]

  constructor(
    rules: readonly Rule[],
    contract: ObjectiveContract,
    private readonly table: ValueTable,
    layouts: Layouts,
  ) {
    this.all = 2 ** rules.length - 1
    const parts = rules.map(({ when = {} }) => takeApart(when))
    const others = parts.map((part) =>
      part.others.length === 0 ? undefined : compileCondition({ all: part.others }, contract),
    )
    this.others = others.every((one) => one === undefined) ? undefined : others
    const demands = new Map<string, { bit: number; accepts: Predicate }[]>()
    const references: Reference[] = []
    parts.forEach(({ clauses }, rule) => {
      for (const { reference, operators } of clauses) {
        const key = referenceText(reference)
        let ofKey = demands.get(key)
        if (ofKey === undefined) {
          ofKey = []
          demands.set(key, ofKey)
          references.push(reference)
        }
        ofKey.push({ bit: 1 << rule, accepts: compileOperators(operators) })
      }
    })
    this.demands = [...demands.values()]
    this.layout = layouts.of(references, contract)
    this.place = table.allocate(this.layout.size)
  }

  /** The first rule that matches, or -1. */
  match(context: Context, columns: readonly Column[], row: number): number {
    const { reads, ids, offsets } = this.layout
    let left = this.all
    for (let key = 0; key < reads.length; key++) {
      const value = reads[key](context, columns, row)
      const ofKey = ids[key]
      const id = ofKey === undefined ? -1 : ofKey.of(value)
      if (id < 0) left &= this.ask(key, value, ofKey !== undefined)
      else {
        const cell = this.place + offsets[key] + id
        const mask = this.table.cells[cell]
        left &= mask === 0 ? this.fill(cell, key, value) : mask
      }
      if (left === 0) return -1
    }
    return this.others === undefined ? lowest(left) : this.firstOf(left, this.others, context, columns, row)
  }

  private firstOf(
    candidates: number,
    others: readonly (Test | undefined)[],
    context: Context,
    columns: readonly Column[],
    row: number,
  ): number {
    for (let left = candidates; left !== 0; left &= left - 1) {
      const rule = lowest(left)
      const test = others[rule]
      if (test === undefined || test(context, columns, row)) return rule
    }
    return -1
  }

  private fill(cell: number, key: number, value: unknown): number {
    const mask = this.ask(key, value, false)
    this.table.cells[cell] = mask | isFilled
    return mask
  }

  /** Rule by rule. */
  private ask(key: number, value: unknown, isMiss: boolean): number {
    if (isMiss) this.table.miss()
    let mask = this.all
    for (const { bit, accepts } of this.demands[key]) if (!accepts(value)) mask &= ~bit
    return mask
  }
}

/** The place of the lowest bit. */
function lowest(bits: number): number {
  return 31 - Math.clz32(bits & -bits)
}
