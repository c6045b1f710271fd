import { Empty } from './Empty'

/** In the place of an objective: there is none of this name, or there are none at all. */
export function NoObjective({ name }: { readonly name: string | undefined }) {
  return (
    <Empty>
      {name === undefined
        ? 'This graph has no objectives. Write one as objectives/NAME.yaml in a repository folder, and a rule for it.'
        : `There is no objective ${name}.`}
    </Empty>
  )
}
