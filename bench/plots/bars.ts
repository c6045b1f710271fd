import { bar, type Paint, picture, segment, text } from './svg'

export interface Bar {
  readonly label: string
  /** Its parts from left to right; one for a plain bar. */
  readonly parts: readonly { readonly value: number; readonly paint: Paint }[]
  /** Lowest and highest of the rounds. */
  readonly spread?: readonly [low: number, high: number]
  /** What is written beside it. */
  readonly text: string
}

/** Bars that share a scale, which begins at 0. */
export interface Panel {
  readonly title: string
  readonly bars: readonly Bar[]
  /** What is aimed at. */
  readonly mark?: { readonly value: number; readonly text: string }
}

const columnWidth = 430
const labelWidth = 118
const barsWidth = 200
const rowHeight = 19
const headHeight = 30
const footHeight = 24

/** Panels in two columns, each with its own scale. `legend`: what the paints mean. */
export function barChart(
  title: string,
  panels: readonly Panel[],
  legend: readonly { readonly paint: Paint; readonly text: string }[],
): string {
  const pieces: string[] = []
  let x = 8
  for (const { paint, text: meaning } of legend) {
    pieces.push(bar(x, 8, 12, 12, paint), text(x + 17, 18, meaning, 'small'))
    x += 34 + meaning.length * 6.2
  }
  const bottoms = [30, 30]
  for (const panel of panels) {
    const column = bottoms[0] <= bottoms[1] ? 0 : 1
    pieces.push(...drawPanel(panel, column * columnWidth + 8, bottoms[column]))
    bottoms[column] += heightOf(panel)
  }
  const columns = panels.length > 1 ? 2 : 1
  return picture(title, columns * columnWidth, Math.max(...bottoms), pieces)
}

function heightOf({ bars }: Panel): number {
  return headHeight + bars.length * rowHeight + footHeight
}

function drawPanel({ title, bars, mark }: Panel, left: number, top: number): string[] {
  const most = Math.max(mark?.value ?? 0, ...bars.map((one) => Math.max(totalOf(one), one.spread?.[1] ?? 0)))
  const from = left + labelWidth
  const scale = (value: number) => (most === 0 ? 0 : (value / most) * barsWidth)
  const bottom = top + headHeight + bars.length * rowHeight
  const pieces = [text(left, top + 18, title, 'title')]
  for (const [at, one] of bars.entries()) {
    const y = top + headHeight + at * rowHeight
    pieces.push(text(from - 6, y + 13, one.label, 'end'))
    let x = from
    for (const { value, paint } of one.parts) {
      pieces.push(bar(x, y + 3, scale(value), rowHeight - 6, paint))
      x += scale(value)
    }
    if (one.spread !== undefined) {
      const [low, high] = one.spread
      pieces.push(
        segment(from + scale(low), y + rowHeight / 2, from + scale(high), y + rowHeight / 2, 'whisker'),
      )
    }
    pieces.push(
      text(from + scale(Math.max(totalOf(one), one.spread?.[1] ?? 0)) + 6, y + 13, one.text, 'small'),
    )
  }
  pieces.push(segment(from, top + headHeight, from, bottom, 'axis'))
  if (mark !== undefined) {
    const x = from + scale(mark.value)
    pieces.push(
      segment(x, top + headHeight, x, bottom + 2, 'mark'),
      text(x, bottom + 14, mark.text, 'small middle'),
    )
  }
  return pieces
}

function totalOf({ parts }: Bar): number {
  return parts.reduce((sum, { value }) => sum + value, 0)
}
