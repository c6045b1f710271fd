import type { Column } from '../../lib/column'
import type { Context } from '../../lib/request/clientRequest'
import { Layouts } from '../predicates/blockLayout'
import { type Clause, takeApart } from '../predicates/compileCondition'
import { blockSize, RuleBlock } from '../predicates/ruleBlock'
import { ValueTable } from '../predicates/valueTable'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import type { Rule, RuleSet } from '../ruleSet/ruleSet'

/** Finds the first matching rule of an objective. */
export interface RuleMatcher {
  /** Its position, or -1. */
  match(context: Context, columns: readonly Column[], row: number): number
}

/** Compiles the rules of the objectives of one rule set; what they share is made once. */
export function matcherFactory(
  ruleSet: RuleSet,
): (rules: readonly Rule[], contract: ObjectiveContract) => RuleMatcher {
  const table = new ValueTable(clausesOf(ruleSet))
  const layouts = new Layouts(table)
  return (rules, contract) => {
    if (rules.length === 0) return nothing
    const blocks = Array.from({ length: Math.ceil(rules.length / blockSize) }, (_, block) => {
      const some = rules.slice(block * blockSize, (block + 1) * blockSize)
      return new RuleBlock(some, contract, table, layouts)
    })
    return blocks.length === 1 ? blocks[0] : new Blocks(blocks)
  }
}

class Blocks implements RuleMatcher {
  constructor(private readonly blocks: readonly RuleBlock[]) {}

  match(context: Context, columns: readonly Column[], row: number): number {
    for (let block = 0; block < this.blocks.length; block++) {
      const rule = this.blocks[block].match(context, columns, row)
      if (rule >= 0) return block * blockSize + rule
    }
    return -1
  }
}

const nothing: RuleMatcher = { match: () => -1 }

/** Those that must hold for a rule as they are, not those within `any` and `not`. */
function* clausesOf({ objectives }: RuleSet): Iterable<Clause> {
  for (const { rules = [] } of Object.values(objectives)) {
    for (const { when = {} } of rules) yield* takeApart(when).clauses
  }
}
