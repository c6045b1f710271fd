const activation = { number: 1, epoch: 1, sha256: 'a', kind: 'create', by: 'ada', time: 'now' }
const head = {
  kind: 'made',
  id: 'a',
  highest: 1,
  active: activation,
  trail: [],
  wanted: [],
  replaces: [],
  pins: {},
  activations: [activation],
}

/** Values with every part of a rule store's head, one of which has another form. */
export const brokenHeads: readonly object[] = [
  { ...head, active: { number: 1, epoch: 1, sha256: 'a' } },
  { ...head, trail: ['1'] },
  { ...head, wanted: [null] },
  { ...head, replaces: [7] },
  { ...head, pins: { a: 'b' } },
  { ...head, activations: [null] },
  { ...head, activations: [{ number: 1 }] },
]

const report = { node: 'odd', inEffect: 1, epoch: 1, prepared: [1], problems: {} }

/** The same for a node's report. */
export const brokenReports: readonly object[] = [
  { ...report, inEffect: '1' },
  { ...report, epoch: null },
  { ...report, prepared: ['1'] },
  { ...report, problems: { 1: 'none' } },
  { ...report, problems: { 1: [null] } },
  { ...report, note: 7 },
]
