import { PresageError } from '../errors'

/** What a client may do, from least to most: read the platform, try models, change what is served. */
export const roles = ['viewer', 'researcher', 'operator'] as const

export type Role = (typeof roles)[number]

/** The roles among `names`, each including those below it. Other names are ignored. */
export function grantedRoles(names: readonly unknown[]): readonly Role[] {
  const highest = Math.max(...names.map((name) => roles.indexOf(name as Role)), -1)
  return roles.slice(0, highest + 1)
}

/** Throws FORBIDDEN for a request whose client does not have the role. */
export function requireRole(request: { readonly roles: readonly Role[] }, role: Role): void {
  if (request.roles.includes(role)) return
  throw new PresageError('FORBIDDEN', `this needs the role ${role}`, { role })
}
