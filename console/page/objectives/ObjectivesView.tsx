import { ObjectiveCard } from './ObjectiveCard'
import { ObjectiveList } from './ObjectiveList'

export function ObjectivesView({ subject }: { readonly subject?: string }) {
  return subject === undefined ? <ObjectiveList /> : <ObjectiveCard key={subject} objective={subject} />
}
