import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Gauge, Counter, Registry } from 'prom-client'
import { messageOf } from '../../lib/error.ts'
import type { Tally } from './client.ts'
import type { ReferenceCollector } from './collector.ts'
import { ReferenceFailure } from './reference-failure.ts'

/** The metrics that the lab reads, under the names that Go's client and the collector have. */
export function metricsOf(collector: ReferenceCollector, tally: Tally): Registry {
  const registry = new Registry()
  const startedAt = Date.now() / 1000 - process.uptime()
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers: [registry],
      collect: function () {
        this.set(read())
      },
    })
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect: function () {
        this.reset()
        this.inc(read())
      },
    })
  gauge('process_open_fds', 'Open file descriptors.', openDescriptors)
  gauge('process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss())
  gauge('process_start_time_seconds', 'Start of the process, in seconds since 1970.', () => startedAt)
  gauge(
    'go_goroutines',
    'Stands in for goroutines, this is no Go program: readers of streams, loops that wait for a time, and two for each connection, as the HTTP client of Go starts them.',
    () => collector.activities,
  )
  gauge(
    'log_capturer_docker_http_idle_connections',
    'Connections kept for the next request.',
    () => collector.connections.idle,
  )
  gauge(
    'log_capturer_docker_http_active_connections',
    'Connections with a request in flight, follows included.',
    () => collector.connections.active,
  )
  counter('log_capturer_docker_http_requests_total', 'Requests sent to the engine.', () => tally.requests)
  counter(
    'log_capturer_docker_http_errors_total',
    'Requests that got no answer or an error status.',
    () => tally.errors,
  )
  gauge('log_capturer_container_streams_active', 'Followed container logs that are read now.', () => collector.streams)
  counter('log_capturer_logs_collected_total', 'Lines read.', () => tally.lines)
  return registry
}

/** Serves the metrics until the process ends; gives their address. */
export async function serveMetrics(
  registry: Registry,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  const server = createServer((_request, response) => {
    void registry.metrics().then((text) => response.setHeader('content-type', registry.contentType).end(text))
  })
  server.listen(port, host)
  try {
    await once(server, 'listening')
  } catch (cause) {
    throw new ReferenceFailure(`cannot show metrics at ${host}:${port}: ${messageOf(cause)}`, {
      cause,
      hint: 'leave --listen out, or ask for port 0: a free one is taken',
    })
  }
  const { address, family, port: taken } = server.address() as AddressInfo
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}/metrics`
}

/** Without the one that lists them. */
function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length - 1
}
