import { ModelCard } from './ModelCard'
import { ModelList } from './ModelList'

export function ModelsView({ subject }: { readonly subject?: string }) {
  return subject === undefined ? <ModelList /> : <ModelCard key={subject} model={subject} />
}
