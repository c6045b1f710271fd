import { MetricsChart } from '../charts/MetricsChart'
import { percentileLines } from './percentileLines'

export function LoopChart() {
  return (
    <MetricsChart
      title="Delay of the event loop"
      note="How long due work waits for the thread that serves HTTP."
      unit="seconds"
      empty="Not measured yet: the first step takes ten seconds."
      question={{ names: ['presage_event_loop_delay_seconds'], by: [] }}
      read={percentileLines}
    />
  )
}
