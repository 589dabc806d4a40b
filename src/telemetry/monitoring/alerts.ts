import { metric, promql, type Query } from './promql.ts'

/** What Prometheus wakes somebody for, and what that somebody does. */
export interface Alert {
  /** `LogCapturerLag`. */
  readonly name: string
  /** `critical`: lines are being lost, or nothing is collected. `warning`: it will come to that, or something needs a decision. */
  readonly severity: 'critical' | 'warning'
  readonly query: Query
  /** How long the query must hold, as Prometheus writes it. */
  readonly for: string
  /** One line; with Prometheus' templates. */
  readonly summary: string
  readonly description: string
  /** What to do, as Markdown: a section of docs/alerts.md. */
  readonly whatToDo: string
}

export const alerts: readonly Alert[] = [
  {
    name: 'LogCapturerAbsent',
    severity: 'critical',
    query: promql`absent(${metric('buildInfo')})`,
    for: '5m',
    summary: 'No log-capturer is scraped',
    description: 'Prometheus has had no metrics of any log-capturer for five minutes.',
    whatToDo: `Does it run (\`log-capturer status\`, the service manager, the container)? Its own log, on standard error, has the reason in its last lines.
If it runs, see whether Prometheus may ask it: \`api.listen\`, and credentials where \`api.auth\` is set. Nothing is lost while it is away for a short time: it goes on
where the last delivered line ended, as long as the engine still has the lines after it.`,
  },
  {
    name: 'LogCapturerEngineUnreachable',
    severity: 'critical',
    query: promql`${metric('engineUp')} == 0`,
    for: '2m',
    summary: 'The engine of source {{ $labels.source }} on {{ $labels.instance }} does not answer',
    description:
      'For two minutes no lines have been collected from it. They are read later, if the engine still has them then.',
    whatToDo: `\`log-capturer doctor\`, as the user that the collector runs as, says what it is: no socket, no permission, a version that is not understood, a certificate.
See whether the engine itself runs (\`systemctl status docker\`). The collector tries again by itself.`,
  },
  {
    name: 'LogCapturerNoLines',
    severity: 'critical',
    query: promql`
      sum by (job, instance, source) (rate(${metric('logsCollected')}[10m])) == 0
      and sum by (job, instance, source) (rate(${metric('logsCollected')}[1h] offset 10m)) > 1 / 60
      and sum by (job, instance, source) (${metric('containers', { state: 'following' })}) > 0
      and sum by (job, instance, source) (${metric('engineUp')}) == 1`,
    for: '10m',
    summary: 'Source {{ $labels.source }} on {{ $labels.instance }} collects nothing any more',
    description:
      'Containers are followed, there was at least a line a minute in the hour before, and for twenty minutes there has been none.',
    whatToDo: `Do the containers write? \`docker logs --since 10m NAME\` asks the engine, \`log-capturer tail NAME\` the collector, and \`log-capturer tail --engine NAME\` the engine by way of our own reader.
Where they do, and the collector has nothing: \`log-capturer verify\` says which lines are missing, \`log-capturer doctor\` whether logs can be read. Is the queue of a sink
full (LogCapturerQueueNearlyFull)? Then sources wait. A restart of the collector loses nothing; please report it, with \`log-capturer support-bundle\` made before.`,
  },
  {
    name: 'LogCapturerUnreadable',
    severity: 'warning',
    query: promql`${metric('containers', { state: 'unreadable' })} > 0`,
    for: '5m',
    summary: 'Logs of {{ $value }} containers on {{ $labels.instance }} cannot be read',
    description: 'The engine does not give their logs: most often because of their logging driver.',
    whatToDo: `\`log-capturer doctor\` names the containers and their drivers. Give them a driver that can be read (\`json-file\`, \`local\`, \`journald\`), or leave them out: the label
\`log-capturer.exclude=true\`, or \`exclude\` of the source.`,
  },
  {
    name: 'LogCapturerGaps',
    severity: 'warning',
    query: promql`increase(${metric('gapsSuspected')}[15m]) > 0`,
    for: '0m',
    summary: 'Lines may be missing: source {{ $labels.source }} on {{ $labels.instance }}',
    description:
      'The engine no longer had the line that reading should have gone on from: its logs were rotated away, truncated or removed first.',
    whatToDo: `Rotated logs must last longer than the longest time that the collector is away or held back: raise \`max-size\` and \`max-file\` of the logging driver. The batch
where it happened carries a flag (\`gap\`) at the destination. \`log-capturer verify\` says whether lines are missing that the engine still has. If sinks held the sources back,
give their queues more room: \`queue.disk\`.`,
  },
  {
    name: 'LogCapturerLag',
    severity: 'warning',
    query: promql`max by (job, instance, sink) (${metric('sinkLagSeconds')}) > 300`,
    for: '5m',
    summary: 'Sink {{ $labels.sink }} on {{ $labels.instance }} is {{ $value | humanizeDuration }} behind',
    description:
      'The oldest lines that wait for it have waited for more than five minutes. Nothing is lost as long as its queue has room.',
    whatToDo: `\`log-capturer status\` and \`/health\` say why the last request has to be sent again. If there is no reason, the destination takes lines more slowly than they come: see
the time of requests and their concurrency in the dashboard "delivery", and the destination's own limits.`,
  },
  {
    name: 'LogCapturerSinkAway',
    severity: 'warning',
    query: promql`max by (job, instance, sink) (${metric('sinkBreaker')}) > 0`,
    for: '5m',
    summary: 'Sink {{ $labels.sink }} on {{ $labels.instance }} cannot deliver',
    description:
      'Requests to its destination have failed again and again, and only single ones are tried for five minutes now.',
    whatToDo: `\`/health\` has the reason, \`log-capturer doctor\` what to do about it: no route, credentials, a certificate, a server that is away. Lines wait in the queue, in memory and
then on disk; it is tried again by itself.`,
  },
  {
    name: 'LogCapturerQueueNearlyFull',
    severity: 'critical',
    query: promql`
      (${metric('sinkQueueBytes')} + ${metric('sinkDiskQueueBytes')})
      / (${metric('sinkQueueLimitBytes')} + ${metric('sinkDiskQueueLimitBytes')}) > 0.8`,
    for: '5m',
    summary: 'The queue of sink {{ $labels.sink }} on {{ $labels.instance }} is {{ $value | humanizePercentage }} full',
    description:
      'When it is full the sources wait, and what the engine rotates away meanwhile is lost; or, with when_full: drop_oldest, the oldest lines are dropped.',
    whatToDo: `Bring the destination back first (LogCapturerSinkAway, LogCapturerLag). Until then there can be more room: raise \`queue.disk\` of the sink, and reload
(\`kill -HUP\`); it takes effect at once, and the disk of \`data_dir\` must have it.`,
  },
  {
    name: 'LogCapturerLinesLost',
    severity: 'critical',
    query: promql`
      sum by (job, instance, sink) (increase(${metric('queueLinesLost')}[15m])) > 0
      or sum by (job, instance, sink) (increase(${metric('deadLetterLinesDropped')}[15m])) > 0`,
    for: '0m',
    summary: 'Lines for sink {{ $labels.sink }} on {{ $labels.instance }} were lost',
    description:
      'Its queue was full and dropped the oldest, or was damaged on disk, or dead letters had no room for what was refused.',
    whatToDo: `\`log_capturer_queue_lines_lost_total\` tells by \`reason\`: \`dropped_oldest\` is what \`when_full: drop_oldest\` asks for; \`damaged\` and \`torn\` point at the disk below
\`data_dir\` (\`dmesg\`, its space). For dead letters raise \`dead_letters.max_bytes\`, and send or drop those there are: \`log-capturer dlq\`. \`log-capturer verify\` says which lines
are missing, as long as the engine has them.`,
  },
  {
    name: 'LogCapturerDeadLetters',
    severity: 'warning',
    query: promql`sum by (job, instance, sink) (increase(${metric('deadLetterLinesAdded')}[15m])) > 0`,
    for: '0m',
    summary: 'The destination of sink {{ $labels.sink }} on {{ $labels.instance }} refuses lines',
    description: 'They are kept as dead letters, and nobody sends them again by himself.',
    whatToDo: `\`log-capturer dlq list\` says how many and why. Mend the reason (a line too long, a time too old, a label that the destination does not take), then
\`log-capturer dlq replay --sink NAME\`, or \`dlq drop\`. More in [dead-letters.md](dead-letters.md).`,
  },
  {
    name: 'LogCapturerDeadLettersNearlyFull',
    severity: 'warning',
    query: promql`${metric('deadLetterBytes')} / ${metric('deadLetterLimitBytes')} > 0.8`,
    for: '5m',
    summary: 'Dead letters on {{ $labels.instance }} take {{ $value | humanizePercentage }} of their room',
    description: 'When they have none left the oldest are dropped for good.',
    whatToDo: `\`log-capturer dlq list\`, then \`replay\` or \`drop\`; or raise \`dead_letters.max_bytes\`.`,
  },
  {
    name: 'LogCapturerCursorsNotWritten',
    severity: 'critical',
    query: promql`increase(${metric('cursorFlushErrors')}[15m]) > 0`,
    for: '5m',
    summary: 'The collector on {{ $labels.instance }} cannot write its cursors',
    description: 'What is delivered now would be delivered again after a restart.',
    whatToDo: `The disk of \`data_dir\` is full, read-only or broken: \`/health\` has the message, \`df\` and \`df -i\` the room. It is tried again by itself; do not restart before it is mended.`,
  },
  {
    name: 'LogCapturerReloadFailed',
    severity: 'warning',
    query: promql`${metric('configReloadFailed')} == 1`,
    for: '0m',
    summary: 'The configuration of the collector on {{ $labels.instance }} was changed and is not in force',
    description:
      'The last reload failed; the collector goes on with what it had. The next restart would fail, or change more than is meant.',
    whatToDo: `\`log-capturer validate -c FILE\` tells the mistakes with their places, \`/health\` what could not be opened. Mend it and reload again.`,
  },
  {
    name: 'LogCapturerLeak',
    severity: 'warning',
    query: promql`${metric('leakVerdict')} == 2`,
    for: '0m',
    summary: 'The collector on {{ $labels.instance }} leaks {{ $labels.resource }}',
    description:
      'It holds more and more of a resource of its own, and load does not explain it. Nothing is lost by it yet.',
    whatToDo: `\`log-capturer watch --once\` says how fast, and when a limit is reached. Make a \`log-capturer support-bundle\`, report it, and restart the collector when it suits, before the
limit: that loses nothing. How the verdict is reached: [watch.md](watch.md).`,
  },
  {
    name: 'LogCapturerDescriptorsNearlyUsed',
    severity: 'warning',
    query: promql`
      sum by (job, instance) (${metric('descriptors')})
      / sum by (job, instance) (${metric('descriptorLimit')}) > 0.8`,
    for: '5m',
    summary: 'The collector on {{ $labels.instance }} has {{ $value | humanizePercentage }} of its descriptors open',
    description: 'Without descriptors it can follow no further container, and open no file or connection.',
    whatToDo: `\`log-capturer doctor\` says how many the containers need. Raise the limit (\`LimitNOFILE=\` in the systemd unit, \`--ulimit nofile=\` for a container). If containers do not explain
the number, see LogCapturerLeak.`,
  },
]
