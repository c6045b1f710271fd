import type { InputBinding } from './plan'

/** In the form of an `inputs` entry, such as `parent.cast.person.id`; `default` and `absent` as they are. */
export function bindingText(binding: InputBinding): string {
  switch (binding.from) {
    case 'args':
    case 'parent':
      return `${binding.from}.${binding.path.join('.')}`
    case 'context':
      return `context.${binding.key}`
    default:
      return binding.from
  }
}
