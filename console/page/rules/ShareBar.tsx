/** A share as the length of a bar; the number stands beside it. */
export function ShareBar({ share }: { readonly share: number }) {
  return (
    <span class="bar" aria-hidden="true">
      <span style={{ width: `${share * 100}%` }} />
    </span>
  )
}
