import { MetricsChart } from '../charts/MetricsChart'

const names: Readonly<Record<string, string>> = {
  process_resident_memory_bytes: 'whole process',
  nodejs_heap_size_used_bytes: 'JavaScript heap',
}

export function MemoryChart() {
  return (
    <MetricsChart
      title="Memory"
      unit="bytes"
      empty="Not measured yet: the first step takes ten seconds."
      question={{ names: Object.keys(names), by: [] }}
      read={({ series }) => series.map(({ name, values = [] }) => ({ label: names[name], values }))}
    />
  )
}
