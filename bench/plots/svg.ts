/**
 * Pieces of SVG. Colours are classes, so that a picture is readable on light and dark pages alike; beside its colour each
 * thing has a label.
 */

/** How a bar or line is painted. */
export type Paint = 'own' | 'other' | 'floor' | 'extra'

const style = `
text { font: 12px system-ui, sans-serif; fill: #1f2937 }
.title { font-weight: 600 }
.small { font-size: 11px; fill: #4b5563 }
.end { text-anchor: end }
.middle { text-anchor: middle }
.own { fill: #2563eb } .other { fill: #9ca3af } .floor { fill: #d1b98a } .extra { fill: #d97706 }
.whisker, .axis { stroke: #4b5563; fill: none }
.axis { stroke-opacity: .35 }
.mark { stroke: #b91c1c; stroke-dasharray: 4 3 }
.line { stroke: #2563eb; stroke-width: 2; fill: none }
@media (prefers-color-scheme: dark) {
  text { fill: #e5e7eb } .small { fill: #b6bcc6 }
  .own { fill: #60a5fa } .other { fill: #6b7280 } .floor { fill: #8f7b52 } .extra { fill: #fbbf24 }
  .whisker, .axis { stroke: #b6bcc6 }
  .mark { stroke: #f87171 }
  .line { stroke: #60a5fa }
}`

/** A whole picture. `title` is for those who cannot see it. */
export function picture(title: string, width: number, height: number, pieces: readonly string[]): string {
  const size = `width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">
<!-- Drawn by npm run bench:plots. -->
<title>${escaped(title)}</title>
<style>${style}
</style>
${pieces.join('\n')}
</svg>
`
}

export function text(x: number, y: number, content: string, classes = ''): string {
  return `<text x="${round(x)}" y="${round(y)}"${classOf(classes)}>${escaped(content)}</text>`
}

export function bar(x: number, y: number, width: number, height: number, paint: Paint): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(width, 1))}" height="${round(height)}" class="${paint}"/>`
}

export function segment(x1: number, y1: number, x2: number, y2: number, classes: string): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}"${classOf(classes)}/>`
}

export function line(points: readonly (readonly [x: number, y: number])[]): string {
  return `<polyline points="${points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')}" class="line"/>`
}

function classOf(classes: string): string {
  return classes === '' ? '' : ` class="${classes}"`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
