/** Stands for the name of an operation that has none. */
export const anonymous = '(anonymous)'

/**
 * An operation's name for messages, logs and metrics. Clients may send one of a megabyte, and metrics keep each for good.
 */
export function shortName(name: string): string {
  return name.length > 100 ? `${name.slice(0, 100)}...` : name
}
