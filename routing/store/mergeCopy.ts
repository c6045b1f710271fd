import {
  type Activation,
  activated,
  type MadeHead,
  madeHead,
  type NoHead,
  nextActivation,
  pointed,
  raised,
} from './head'
import type { NodeCopy } from './nodeCopy'
import type { Change, RestoreOutcome } from './outcomes'
import type { VersionInfo } from './ruleSetVersion'

/** Restores a lost store from a node's copy, with its id, so that nodes know it, and an epoch above all theirs. */
export function rebuilt(copy: NodeCopy, lost: NoHead, by: string, time: string): Change<RestoreOutcome> {
  const floor = raised(lost.floor, { number: copy.highest, epoch: copy.active?.epoch ?? 0 })
  const numbers = new Set(copy.versions.map(({ number }) => number))
  const trail = copy.trail.filter((number) => numbers.has(number))
  const pins = Object.entries(copy.pins).filter(([, number]) => numbers.has(number))
  const bare: MadeHead = { ...madeHead(floor), id: copy.id, trail, pins: Object.fromEntries(pins) }
  const active = copy.active && nextActivation(floor.epoch, copy.active, 'restore', by, time)
  return {
    outcome: { kind: 'restored', added: [...numbers], refused: [], active },
    next: active === undefined ? bare : pointed(bare, active, trail),
    versions: copy.versions,
  }
}

/** What a store has of versions: those that it lists, and the numbers of a copy's that it has with their texts. */
export interface StoredVersions {
  readonly infos: readonly VersionInfo[]
  readonly whole: ReadonlySet<number>
}

/** Adds to an existing store what it lacks of a node's copy, also texts alone. */
export function merged(
  copy: NodeCopy,
  head: MadeHead,
  { infos, whole }: StoredVersions,
  by: string,
  time: string,
): Change<RestoreOutcome> {
  if (copy.id !== head.id) return { outcome: { kind: 'another store', id: head.id } }
  const stored = new Map(infos.map(({ number, sha256 }) => [number, sha256]))
  const versions = copy.versions.filter(({ number, sha256 }) => {
    return !whole.has(number) && (stored.get(number) ?? sha256) === sha256
  })
  const refused = copy.versions
    .filter(({ number, sha256 }) => stored.has(number) && stored.get(number) !== sha256)
    .map(({ number }) => number)
  const active = laterPointer(copy, head, refused, by, time)
  const highest = Math.max(head.highest, copy.highest)
  if (versions.length === 0 && highest === head.highest && active === head.active) {
    return { outcome: { kind: 'nothing to do', active: head.active } }
  }
  const filled: MadeHead = { ...head, highest }
  return {
    outcome: { kind: 'restored', added: versions.map(({ number }) => number), refused, active },
    next:
      active === undefined || active === head.active
        ? filled
        : pointed(filled, active, active.number === head.active?.number ? head.trail : copy.trail),
    versions,
  }
}

/**
 * Imports a copy of a lost store into the store that was created in its place. The new store's numbers keep their
 * meaning, so the copy's versions get numbers after them. Nodes that knew the lost store follow this one from then on.
 */
export function imported(copy: NodeCopy, head: MadeHead, by: string, time: string): Change<RestoreOutcome> {
  if (head.replaces.includes(copy.id)) return { outcome: { kind: 'nothing to do', active: head.active } }
  const highest = Math.max(head.highest, copy.highest)
  const versions = copy.versions.map((version, index) => {
    const message = `${version.message} (was version ${version.number})`.trimStart()
    return { ...version, number: highest + 1 + index, message }
  })
  const grown: MadeHead = {
    ...head,
    highest: highest + versions.length,
    replaces: [...head.replaces, copy.id],
  }
  const version = versions.find(({ sha256 }) => sha256 === copy.active?.sha256)
  const epoch = Math.max(head.active?.epoch ?? 0, copy.active?.epoch ?? 0)
  const active = version && nextActivation(epoch, version, 'restore', by, time)
  return {
    outcome: { kind: 'restored', added: versions.map(({ number }) => number), refused: [], active },
    next: active === undefined ? grown : activated(grown, active),
    versions,
  }
}

/**
 * A store that lost its last activations gets them back, unless there was another activation since. That one then
 * stays, with an epoch above the lost ones, so that nodes that know those follow it too.
 */
function laterPointer(
  copy: NodeCopy,
  head: MadeHead,
  refused: readonly number[],
  by: string,
  time: string,
): Activation | undefined {
  const theirs = head.active
  const ours = copy.active
  if (ours === undefined || refused.includes(ours.number)) return theirs
  if (theirs === undefined) return ours
  if (ours.epoch < theirs.epoch || (ours.epoch === theirs.epoch && ours.sha256 === theirs.sha256))
    return theirs
  if (ours.epoch > theirs.epoch && ours.time >= theirs.time) return ours
  return nextActivation(ours.epoch, theirs, 'restore', by, time)
}
