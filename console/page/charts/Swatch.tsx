/** The colour and dash of a line, beside its name. */
export function Swatch({ colour, dash }: { readonly colour: string; readonly dash: readonly number[] }) {
  return (
    <svg class="swatch" width="26" height="10" aria-hidden="true">
      <line
        x1="0"
        y1="5"
        x2="26"
        y2="5"
        stroke={`var(${colour})`}
        stroke-width="3"
        stroke-dasharray={dash.join(' ')}
      />
    </svg>
  )
}
