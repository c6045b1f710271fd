import type { FunctionComponent } from 'preact'
import { ExplainView } from '../explain/ExplainView'
import { ModelsView } from '../models/ModelsView'
import { ObjectivesView } from '../objectives/ObjectivesView'
import { OverviewView } from '../overview/OverviewView'
import { ReleaseView } from '../release/ReleaseView'

/** A view gets what the address names after it, such as an objective. */
export interface View {
  readonly name: string
  readonly title: string
  readonly Show: FunctionComponent<{ readonly subject?: string }>
}

export const views: readonly View[] = [
  { name: 'overview', title: 'Overview', Show: OverviewView },
  { name: 'release', title: 'Release', Show: ReleaseView },
  { name: 'explain', title: 'Explain', Show: ExplainView },
  { name: 'models', title: 'Models', Show: ModelsView },
  { name: 'objectives', title: 'Objectives', Show: ObjectivesView },
]
