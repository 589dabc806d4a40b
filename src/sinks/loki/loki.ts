import { defineSink } from '../../component/sink.ts'
import { examine } from './examine.ts'
import { LokiSink } from './loki-sink.ts'
import { options } from './schema.ts'

export const loki = defineSink({
  name: 'loki',
  summary: 'Pushes lines to Grafana Loki, every line with a time of its own, within its limits.',
  options,
  examples: [
    { url: 'http://loki:3100' },
    {
      url: 'https://logs.example.com',
      tenant: 'team-a',
      auth: { username: 'collector', password: '${LOKI_PASSWORD}' },
      labels: { service: '{labels.com.docker.compose.service}', stream: '{stream}' },
      metadata: { container: '{container.name}' },
    },
  ],
  open: async (chosen, context) => new LokiSink(chosen, context),
  examine,
})
