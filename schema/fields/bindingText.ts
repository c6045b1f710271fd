import type { InputBinding } from './plan'

/** In the form of an `inputs` entry, such as `parent.cast.person.id`; `default` and `absent` as they are. */
export function bindingText(binding: InputBinding): string {
  const source = sourceOf(binding)
  return source === undefined ? binding.from : `${binding.from}.${source.name}`
}

/** What people call the source of an input; undefined if it has none. */
export function sourceOf(
  binding: InputBinding,
): { readonly kind: 'argument' | 'field' | 'context'; readonly name: string } | undefined {
  switch (binding.from) {
    case 'args':
      return { kind: 'argument', name: binding.path.join('.') }
    case 'parent':
      return { kind: 'field', name: binding.path.join('.') }
    case 'context':
      return { kind: 'context', name: binding.key }
    default:
      return undefined
  }
}
