import { perSecond } from '../charts/chartSeries'
import { MetricsChart } from '../charts/MetricsChart'

export function DecisionsChart() {
  return (
    <MetricsChart
      title="Predictions a second, by objective and version"
      note="Decisions of the rules: one for each request and objective, or for each row where rules read inputs."
      unit="perSecond"
      isStacked
      empty="No prediction within the last hour. Ask the graph for a prediction field, for instance in GraphiQL."
      question={{ names: ['presage_routing_decisions_total'], by: ['objective', 'model'], top: 8 }}
      read={({ series, stepMs }) =>
        series.map(({ labels, values = [], other = false }) => ({
          label: other ? 'all others' : `${labels['objective']} ${labels['model']}`,
          values: perSecond(values, stepMs),
          other,
        }))
      }
    />
  )
}
