import type { RuleStatus } from '../data/useRuleStatus'

/** The part of the last hour that is counted. */
export const spans = ['active', '5m', '15m', '60m'] as const

export type Span = (typeof spans)[number]

export const spanNames: Readonly<Record<Span, string>> = {
  active: 'since the active rules came into effect',
  '5m': 'the last 5 minutes',
  '15m': 'the last 15 minutes',
  '60m': 'the last hour',
}

export function readSpan(text: string | undefined): Span {
  return spans.find((span) => span === text) ?? 'active'
}

/** When the rules in effect in this process came into effect; known only if they are the active ones. */
export function inEffectSince({
  active,
  inEffect,
}: Pick<RuleStatus, 'active' | 'inEffect'>): string | undefined {
  return active?.number === inEffect ? active.time : undefined
}

/** When the span begins, in milliseconds since 1970. */
export function spanStart(span: Span, now: number, since: string | undefined): number {
  if (span === 'active') return Date.parse(since ?? '') || 0
  return now - Number.parseInt(span, 10) * 60_000
}
