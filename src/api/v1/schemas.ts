import { z } from 'zod'

/** The answers of the API: what the collector gives, the page and the command line read, and the documents say. */

const count = () => z.number().min(0)
const id = () => z.string().meta({ description: "The component's id in the configuration." })

/** A number that only grows, and how fast. */
const amount = () =>
  z
    .strictObject({
      total: count().meta({ description: 'Since the collector was started.' }),
      perSecond: z.number().nullable().meta({
        description:
          'Over about the last second. `null`: not known yet, because nobody has asked within the last half minute; ask again a second later.',
      }),
    })
    .meta({ title: 'amount' })

const drops = () =>
  z
    .array(z.strictObject({ reason: z.string(), lines: amount() }))
    .meta({ description: 'Lines that did not go on from here, by reason.' })

const watchOutcome = z.enum(['clean', 'leak', 'not_enough_evidence', 'invalid'])
const watchReport = z
  .strictObject({
    outcome: watchOutcome,
    watchedSeconds: count(),
    descriptors: z.strictObject({ open: count().optional(), limit: count().optional() }),
    residentBytes: count(),
    resources: z.array(
      z.strictObject({
        name: z.string(),
        unit: z.enum(['items', 'bytes']),
        outcome: watchOutcome,
        held: z.number().optional(),
        growthPerHour: z.strictObject({ rate: z.number(), low: z.number(), high: z.number() }).optional(),
        judgedHours: count().optional(),
        criterionPerHour: z.number(),
        since: z.string().optional(),
        limitInHours: z.strictObject({ soonest: z.number(), likely: z.number(), latest: z.number() }).optional(),
        reason: z.string().optional(),
      }),
    ),
  })
  .meta({ description: 'What the collector says of its own resources: does what it holds grow? See docs/watch.md.' })

const engine = z.strictObject({
  source: id(),
  isConnected: z.boolean(),
  detail: z.string().meta({ description: 'What the source is connected to, or why it is not.' }),
  product: z.string().nullable().meta({ description: '`Docker` or `Podman`; `null` while it is not known.' }),
  version: z.string().nullable(),
  apiVersion: z.string().nullable(),
  address: z.string().nullable(),
  streams: count().meta({ description: 'Container logs that are followed now.' }),
})

export const overview = z.strictObject({
  version: z.string(),
  startedAt: z.string().meta({ description: 'RFC 3339.' }),
  uptimeSeconds: count(),
  status: z.enum(['ok', 'degraded', 'not ready']),
  reasons: z.array(z.string()).meta({ description: 'Why it is not `ok`, a sentence each.' }),
  lines: z.strictObject({
    in: amount().meta({ description: 'Lines taken from the engines, and from who posts them.' }),
    out: amount().meta({
      description: 'Lines that destinations have acknowledged; a line that goes to two sinks counts twice.',
    }),
  }),
  bytes: z.strictObject({ in: amount(), out: amount() }),
  lagSeconds: count().meta({ description: 'Age of the oldest batch that a sink has not acknowledged.' }),
  queue: z
    .strictObject({
      memoryBytes: count(),
      memoryLimitBytes: count(),
      diskBytes: count(),
      diskLimitBytes: count(),
      fill: count().meta({ description: 'Of the fullest queue, memory and disk together: 1 is full.' }),
    })
    .meta({ description: 'What waits, over all sinks.' }),
  containers: z.record(z.string(), count()).meta({ description: 'How many, by what is done with them.' }),
  streams: z.strictObject({ active: count(), opened: count(), closed: count() }),
  process: z.strictObject({
    descriptors: z.strictObject({ open: count().nullable(), limit: count().nullable() }),
    heapBytes: count(),
    residentBytes: count(),
    externalBytes: count(),
    cpuSeconds: amount().meta({ description: 'Processor time; `perSecond` 1 is one core.' }),
  }),
  engines: z.array(engine),
  watch: watchReport,
})

export const containers = z.strictObject({
  containers: z.array(
    z.strictObject({
      source: id(),
      id: z.string(),
      name: z.string(),
      image: z.string(),
      state: z
        .enum(['starting', 'catching_up', 'following', 'in_turns', 'ended', 'unreadable', 'left_out'])
        .meta({ description: 'What is done with its log.' }),
      reader: z
        .enum(['files', 'api'])
        .nullable()
        .meta({ description: "How it is read: from the engine's log files, or through the engine. `null`: not now." }),
      reason: z.string().nullable().meta({ description: 'Why it is not read.' }),
      streams: z.array(z.enum(['stdout', 'stderr'])).meta({ description: 'Those that lines have come from.' }),
      lines: amount(),
      bytes: amount(),
      gaps: count().meta({
        description: 'Places where the engine no longer had the line that reading should have gone on from.',
      }),
      lastLineAt: z.string().nullable().meta({ description: "The engine's time of its last line, RFC 3339." }),
      lagSeconds: z
        .number()
        .min(0)
        .nullable()
        .meta({ description: 'At most so old is what was read of it and not acknowledged. `null`: nothing was read.' }),
    }),
  ),
})

export const pipeline = z.strictObject({
  components: z
    .array(
      z.strictObject({
        id: id(),
        kind: z.enum(['source', 'transform', 'sink']),
        type: z.string(),
        inputs: z.array(z.string()).meta({ description: 'Ids of the components that it reads from.' }),
        lines: amount().meta({
          description: 'Lines that a source has taken, a transform has let through, a destination has acknowledged.',
        }),
        drops: drops(),
        isHeldBack: z.boolean().meta({ description: 'A source that waits, because a queue behind it is full.' }),
        fill: z
          .number()
          .min(0)
          .nullable()
          .meta({ description: "Of a sink's queue, memory and disk together: 1 is full." }),
        trouble: z.string().nullable().meta({ description: 'What is wrong with it.' }),
      }),
    )
    .meta({ description: 'Sources, then transforms, then sinks, in the order of the configuration.' }),
})

export const sinks = z.strictObject({
  sinks: z.array(
    z.strictObject({
      id: id(),
      type: z.string(),
      inputs: z.array(z.string()),
      lines: amount().meta({ description: 'Lines that the destination has acknowledged.' }),
      bytes: amount(),
      rejected: amount().meta({ description: 'Lines that the destination will never take.' }),
      retries: amount().meta({ description: 'Batches that had to be sent again.' }),
      requests: z.array(z.strictObject({ result: z.string(), requests: amount() })),
      queue: z.strictObject({
        memoryBytes: count(),
        memoryLimitBytes: count(),
        batches: count(),
        diskBytes: count(),
        diskLimitBytes: count(),
        diskLines: count(),
        whenFull: z.enum(['block', 'drop_oldest']),
        fill: count().meta({ description: 'Memory and disk together: 1 is full.' }),
        lost: drops(),
      }),
      lagSeconds: count().meta({ description: 'Age of the oldest batch that is not acknowledged.' }),
      breaker: z.enum(['closed', 'half_open', 'open']),
      concurrency: count().meta({ description: 'Sends that may be on their way at a time, as of now.' }),
      trouble: z.string().nullable().meta({ description: 'Why the last send has to be repeated.' }),
      deadLetters: count().meta({ description: 'Dead letters on disk.' }),
    }),
  ),
})

export const configuration = z.strictObject({
  configuration: z
    .record(z.string(), z.unknown())
    .meta({ description: 'What is in force, defaults included. Secrets are shown as `***`.' }),
  yaml: z.string().meta({ description: 'The same, as it could be written.' }),
})

const tailLine = z.strictObject({
  at: z.string().meta({ description: 'The source or transform behind which the line was seen.' }),
  time: z.string().meta({ description: "The engine's time, RFC 3339 with nanoseconds." }),
  container: z.string(),
  containerId: z.string(),
  stream: z.enum(['stdout', 'stderr']),
  text: z
    .string()
    .meta({ description: 'Bytes that are no UTF-8 stand as U+FFFD. Control characters are as they came.' }),
  cutBytes: count()
    .optional()
    .meta({ description: 'So many bytes of the line were left out here; the sinks get them.' }),
  flags: z.array(z.string()).optional().meta({ description: '`truncated`, `gap_before`.' }),
  fields: z.record(z.string(), z.json()).optional().meta({
    description: 'What transforms have found in the line; left out where it is larger than what is shown of a line.',
  }),
})
export const tailEvent = z.strictObject({
  lines: z.array(tailLine),
  notes: z.array(z.string()).optional().meta({ description: 'What of `last` could not be had, and why.' }),
  skipped: count().meta({
    description:
      'Lines that were not shown since the event before: more came than are sent or read, or than are searched.',
  }),
})

export const watch = watchReport.extend({
  windows: z
    .array(
      z.strictObject({
        stretchSeconds: count().meta({ description: 'The least of each so long stretch is kept.' }),
        series: z.array(
          z.strictObject({
            name: z.string(),
            secondsAgo: z.array(z.number()).meta({ description: 'When each stretch ended, the oldest first.' }),
            held: z.array(z.number()),
          }),
        ),
      }),
    )
    .meta({
      description: 'What is judged: three windows of whole stretches, of 3 hours, a day and a week at the most.',
    }),
})

const deadLetter = z.strictObject({
  id: z.string(),
  sink: id(),
  reason: z.string(),
  rejectedAt: z.string().meta({ description: 'RFC 3339.' }),
  lines: count(),
  bytes: count().meta({ description: "Of the lines' text." }),
  attempts: count().meta({ description: 'How often the lines have been refused.' }),
})

export const replayState = z.strictObject({
  isRunning: z.boolean(),
  startedAt: z.string().meta({ description: 'RFC 3339.' }),
  letters: count().meta({ description: 'Letters that have been sent again and answered.' }),
  linesDelivered: count(),
  linesRejected: count().meta({ description: 'Lines that were refused once more: they are kept.' }),
  withoutSink: z
    .record(z.string(), count())
    .meta({ description: 'Letters that stay because there is no sink of that name, by name.' }),
  missing: z.array(z.string()).meta({ description: 'Letters that were asked for and are not there.' }),
  damaged: z.array(z.string()).meta({ description: 'Letters that are damaged on disk: they stay.' }),
  trouble: z
    .string()
    .optional()
    .meta({ description: 'Why the sink cannot deliver now: the letter is tried again for some time.' }),
  failure: z.string().optional().meta({ description: 'Why it ended early.' }),
})

export const deadLetters = z.strictObject({
  dataDir: z.string().meta({ description: 'The folder whose letters these are.' }),
  totals: z.array(z.strictObject({ sink: z.string(), letters: count(), lines: count() })),
  bytes: count().meta({ description: 'On disk, of all.' }),
  letters: z.array(deadLetter).meta({ description: 'The oldest first.' }),
  next: z.string().optional().meta({ description: '`after` of the next question; not there: these are the last.' }),
  replay: replayState.optional().meta({ description: 'The replay that is running, or the last one.' }),
})

export const replayAnswer = z.strictObject({ replay: replayState.nullable() })

export const openedDeadLetter = deadLetter.extend({
  content: z.array(
    z.strictObject({
      time: z.string().meta({ description: 'RFC 3339 with nanoseconds.' }),
      container: z.string(),
      stream: z.enum(['stdout', 'stderr']),
      text: z.string().optional().meta({ description: 'The line, where its bytes are UTF-8.' }),
      base64: z.string().optional().meta({ description: "The line's bytes, where they are not." }),
    }),
  ),
})

export const droppedLetters = z.strictObject({
  letters: count(),
  missing: z.array(z.string()).meta({ description: 'Letters that were asked for and are not there.' }),
})

export const reloadAnswer = z.strictObject({
  status: z.enum(['changed', 'unchanged']),
  changed: z
    .record(z.string(), z.array(z.string()))
    .meta({ description: 'Ids, by what became of them: `sources_added`, `sinks_replaced`, ...' }),
})

const soakReport = z.strictObject({
  name: z.string().meta({ description: 'Of its folder.' }),
  run: z
    .strictObject({
      startedAt: z.string().meta({ description: 'RFC 3339.' }),
      seconds: count(),
      version: z.string(),
      target: z.string().meta({ description: 'The program that was under test.' }),
      engine: z.enum(['simulated', 'real']),
      outcome: watchOutcome,
      headline: z.string().meta({ description: 'The verdict, in a few words.' }),
      sentence: z.string().meta({ description: 'The verdict, with its figures.' }),
    })
    .nullable()
    .meta({ description: 'What its `run.json` says; `null`: it cannot be read.' }),
  problem: z.string().nullable().meta({ description: 'Why it cannot be read.' }),
  path: z.string().meta({ description: 'Where its page is on this server, for an hour, without credentials.' }),
})
export const soakReports = z.strictObject({
  folder: z.string().meta({ description: 'Where they are looked for: `api.soak_reports`.' }),
  reports: z.array(soakReport).meta({ description: 'The latest 100, the latest first.' }),
})

export const postedLines = z.strictObject({
  source: id().meta({ description: 'The source that took them.' }),
  lines: count().meta({ description: 'All of the body.' }),
})

export const problem = z.strictObject({ error: z.string(), hint: z.string().optional() })

export type Overview = z.output<typeof overview>
export type Containers = z.output<typeof containers>
export type PipelineView = z.output<typeof pipeline>
export type Sinks = z.output<typeof sinks>
export type ConfigurationView = z.output<typeof configuration>
const figures = () => z.record(z.string(), z.number())

export const diagnostics = z.strictObject({
  process: z.strictObject({ id: count(), node: z.string(), v8: z.string(), platform: z.string(), arch: z.string() }),
  memory: figures().meta({ description: 'As `process.memoryUsage()` of Node has it, bytes.' }),
  heap: figures().meta({ description: 'As `v8.getHeapStatistics()` has it.' }),
  heapSpaces: z.array(z.strictObject({ name: z.string(), bytes: figures() })),
  handles: figures().meta({ description: 'What keeps the event loop alive, by type.' }),
  limits: z
    .array(z.string())
    .meta({ description: 'The lines of `/proc/self/limits`; none where there is no such file.' }),
  connections: z
    .array(
      z.strictObject({
        source: id(),
        opened: count(),
        closed: figures().meta({ description: 'By reason.' }),
        active: count(),
        idle: count(),
      }),
    )
    .meta({ description: 'Connections to engines, by the ledger: opened minus closed is what is open.' }),
  log: z
    .array(z.string())
    .meta({ description: 'The last 500 lines of its own log, without secrets of the configuration.' }),
})

export type SoakReports = z.output<typeof soakReports>
export type Diagnostics = z.output<typeof diagnostics>
export type WatchView = z.output<typeof watch>
export type TailLine = z.output<typeof tailLine>
export type TailEvent = z.output<typeof tailEvent>
