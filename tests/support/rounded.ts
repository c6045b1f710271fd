/** Gateways cut their fetches differently, and a model's last digit depends on the rows beside a row. */
export function rounded<T>(value: T): T {
  return JSON.parse(JSON.stringify(value), (_, inner) =>
    typeof inner === 'number' ? Number(inner.toFixed(4)) : inner,
  )
}
