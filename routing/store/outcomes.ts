import { counted } from '../../lib/errors'
import type { Activation, Floor, Head } from './head'
import type { RuleSetVersion } from './ruleSetVersion'

/** The result of a change to a store. Without `next`, nothing is changed. */
export interface Change<Outcome> {
  readonly outcome: Outcome
  readonly next?: Head
  readonly versions?: readonly RuleSetVersion[]
}

/** The store was never created, or has lost everything. A `floor` above 0 means that nodes remember versions of it. */
export interface NothingThere {
  readonly kind: 'nothing there'
  readonly floor: Floor
}

/** Another caller was first: the active version is not the one that the caller saw. Nothing was changed. */
export interface Conflict {
  readonly kind: 'conflict'
  readonly active: Activation | undefined
}

export interface UnknownVersion {
  readonly kind: 'unknown version'
  readonly number: number
}

/** The version was published, and its text, or all of it, is lost. */
export interface LostVersion {
  readonly kind: 'lost version'
  readonly number: number
}

/** A leased node that cannot serve a version at once, and why; without reasons it is still preparing it. */
export interface UnpreparedNode {
  readonly node: string
  readonly problems: readonly string[]
}

export interface NotPrepared {
  readonly kind: 'not prepared'
  readonly prepared: number
  readonly leased: number
  readonly missing: readonly UnpreparedNode[]
}

export type CreateOutcome =
  | { readonly kind: 'created'; readonly version?: RuleSetVersion }
  /** It exists already; nothing was changed. */
  | { readonly kind: 'there already' }
  /** Nodes remember versions of a store that was lost here; `restore` brings it back. */
  | NothingThere

export type PublishOutcome =
  | { readonly kind: 'published'; readonly version: RuleSetVersion }
  /** There is a later version than the one that the caller saw; nothing was changed. */
  | { readonly kind: 'overtaken'; readonly highest: number }
  | NothingThere

export type ActivateOutcome =
  /** `active` is the new pointer; unchanged if the version was active already. */
  | { readonly kind: 'activated'; readonly active: Activation }
  | Conflict
  | UnknownVersion
  | LostVersion
  | NotPrepared
  | NothingThere

export type RollbackOutcome =
  | { readonly kind: 'rolled back'; readonly active: Activation; readonly from: Activation }
  | Conflict
  /** No version was active before this one. */
  | { readonly kind: 'nothing before'; readonly active: Activation | undefined }
  | LostVersion
  /** Another version would be active again than the one that the caller saw; nothing was changed. */
  | { readonly kind: 'another before'; readonly previous: number }
  | NothingThere

export type PinOutcome =
  | { readonly kind: 'pinned' | 'unpinned' }
  | UnknownVersion
  | LostVersion
  | NothingThere

export type RestoreOutcome =
  | {
      readonly kind: 'restored'
      readonly added: readonly number[]
      /** Numbers that the store has with another hash; they were left unchanged. */
      readonly refused: readonly number[]
      readonly active: Activation | undefined
    }
  /** The store has everything in the copy. */
  | { readonly kind: 'nothing to do'; readonly active: Activation | undefined }
  /** The store was created anew after the loss, so its numbers mean other versions than in the copy. */
  | { readonly kind: 'another store'; readonly id: string }
  | NothingThere

type AnyOutcome =
  | CreateOutcome
  | PublishOutcome
  | ActivateOutcome
  | RollbackOutcome
  | PinOutcome
  | RestoreOutcome

/** For people, the nodes that are not prepared, and why. */
export function unpreparedText({ prepared, leased, missing }: NotPrepared): string {
  const names = missing.map(({ node, problems }) =>
    problems.length === 0 ? node : `${node} (${problems.join('; ')})`,
  )
  return `${prepared} of ${leased} nodes are prepared, not ${names.join(', ')}`
}

/** One sentence for people. */
export function sentenceOf(outcome: AnyOutcome): string {
  switch (outcome.kind) {
    case 'created':
      return outcome.version === undefined
        ? 'The store was created'
        : `Version ${outcome.version.number} is active`
    case 'there already':
      return 'The store already exists'
    case 'published':
      return `Version ${outcome.version.number} is published, ${outcome.version.sha256.slice(0, 12)}`
    case 'overtaken':
      return `Nothing was changed, because version ${outcome.highest} was published meanwhile`
    case 'activated':
      return `Version ${outcome.active.number} is active, epoch ${outcome.active.epoch}`
    case 'rolled back':
      return `Version ${outcome.active.number} is active again instead of ${outcome.from.number}, epoch ${outcome.active.epoch}`
    case 'nothing before':
      return `No version was active before ${outcome.active?.number ?? 'now'}`
    case 'another before':
      return `Nothing was changed, because a rollback would make a different version active than expected: ${outcome.previous}`
    case 'pinned':
      return 'The node is pinned'
    case 'unpinned':
      return 'The node follows the active version'
    case 'conflict':
      return `Nothing was changed, because a different version is active than expected: ${
        outcome.active === undefined ? 'none' : `${outcome.active.number}, by ${outcome.active.by}`
      }`
    case 'unknown version':
      return `There is no version ${outcome.number}`
    case 'lost version':
      return `Nothing was changed: ${lostVersionText(outcome.number)}`
    case 'not prepared':
      return `Nothing was changed: ${unpreparedText(outcome)}`
    case 'restored':
      return [
        `Restored: ${counted(outcome.added.length, 'version')} added`,
        ...(outcome.refused.length === 0
          ? []
          : [`${outcome.refused.join(', ')} refused because the hash differs`]),
        outcome.active === undefined ? 'none is active' : `version ${outcome.active.number} is active`,
      ].join(', ')
    case 'nothing to do':
      return 'The store already has everything in the copy'
    case 'another store':
      return 'The store was created again, so its numbers mean different versions; only a replacement can restore it'
    case 'nothing there':
      return outcome.floor.number === 0
        ? 'The store does not exist yet; `presage rules publish FILE --create` makes it'
        : `Nothing was changed: ${lostText(outcome.floor.number)}`
  }
}

/** Of a store that was never created. */
export const nothingPublished = 'nothing has been published yet; `presage rules publish FILE --create` does'

/** Of a store that is empty, though nodes have told it of versions. */
export function lostText(number: number): string {
  return `the store has lost its versions up to ${number}: \`presage rules restore\` brings them back from the copy of a node; without a copy, begin with another folder or name`
}

/** Of one version that a store no longer has, or not with its text. */
export function lostVersionText(number: number): string {
  return `the store has lost the text of version ${number}: \`presage rules restore FILE\` brings it back from the copy of a node that has it`
}
