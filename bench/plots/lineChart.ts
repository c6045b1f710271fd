import { line, picture, segment, text } from './svg'

export interface LineChart {
  readonly title: string
  readonly points: readonly (readonly [x: number, y: number])[]
  readonly xUnit: string
  readonly yUnit: string
  /** What is aimed at. */
  readonly mark?: number
}

const width = 640
const height = 240
const left = 60
const right = 20
const top = 20
const bottom = 40

/** One line over an axis that begins at 0. */
export function lineChart({ title, points, xUnit, yUnit, mark }: LineChart): string {
  const most = Math.max(mark ?? 0, ...points.map(([, y]) => y)) * 1.1
  const last = Math.max(...points.map(([x]) => x))
  const toX = (x: number) => left + (last === 0 ? 0 : (x / last) * (width - left - right))
  const toY = (y: number) => height - bottom - (most === 0 ? 0 : (y / most) * (height - top - bottom))
  const pieces = [
    segment(left, top, left, height - bottom, 'axis'),
    segment(left, height - bottom, width - right, height - bottom, 'axis'),
  ]
  for (const part of [0, 0.25, 0.5, 0.75, 1]) {
    const y = (most / 1.1) * part
    const x = last * part
    pieces.push(
      segment(left - 4, toY(y), left, toY(y), 'axis'),
      text(left - 8, toY(y) + 4, y.toFixed(0), 'small end'),
    )
    pieces.push(text(toX(x), height - bottom + 16, x.toFixed(last < 10 ? 1 : 0), 'small middle'))
  }
  pieces.push(text(left + 6, top + 4, yUnit, 'small'), text(width - right, height - 8, xUnit, 'small end'))
  if (mark !== undefined) pieces.push(segment(left, toY(mark), width - right, toY(mark), 'mark'))
  pieces.push(line(points.map(([x, y]) => [toX(x), toY(y)])))
  return picture(title, width, height, pieces)
}
