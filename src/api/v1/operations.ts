import type { z } from 'zod'
import { listQuery, readQuery, replayBody, selection } from './dead-letter-questions.ts'
import { postedLine, postQuery } from './posts.ts'
import { tailQuery } from './queries.ts'
import * as schemas from './schemas.ts'

/** One thing that can be asked for: what the documents are made from. */
export interface Operation {
  readonly method: 'get' | 'post' | 'delete'
  readonly path: string
  readonly summary: string
  readonly query?: z.ZodObject
  /** JSON. */
  readonly body?: z.ZodType
  /** Lines: objects of this schema, one a line, or plain text. */
  readonly lines?: z.ZodType
  /** `events`: server-sent events, each with JSON of this schema. */
  readonly answer: { readonly type: 'json' | 'events'; readonly schema: z.ZodType; readonly status?: number }
  /** Other answers, by status. */
  readonly refusals?: Readonly<Record<number, string>>
}

const json = (schema: z.ZodType) => ({ type: 'json', schema }) as const

export const operations: readonly Operation[] = [
  {
    method: 'get',
    path: '/api/v1/overview',
    summary: 'How the collector is: speeds, lag, queues, engines, what it says of its own resources.',
    answer: json(schemas.overview),
  },
  {
    method: 'get',
    path: '/api/v1/containers',
    summary: 'Every container: what is done with its log, what was read of it, and why it is not read.',
    answer: json(schemas.containers),
  },
  {
    method: 'get',
    path: '/api/v1/pipeline',
    summary: 'The components and what they read from, with speeds, losses by reason and back-pressure.',
    answer: json(schemas.pipeline),
  },
  {
    method: 'get',
    path: '/api/v1/sinks',
    summary: 'The sinks: what was delivered, what waits, what is wrong.',
    answer: json(schemas.sinks),
  },
  {
    method: 'get',
    path: '/api/v1/watch',
    summary: 'Whether what the collector itself holds grows, with the readings that are judged (docs/watch.md).',
    answer: json(schemas.watch),
  },
  {
    method: 'get',
    path: '/api/v1/soak-reports',
    summary: 'The reports of soak runs that lie in a folder (`api.soak_reports`), with their verdicts in words.',
    answer: json(schemas.soakReports),
  },
  {
    method: 'get',
    path: '/api/v1/configuration',
    summary: 'The configuration that is in force, without its secrets.',
    answer: json(schemas.configuration),
  },
  {
    method: 'get',
    path: '/api/v1/diagnostics',
    summary:
      'What a report of a defect needs: heap, handles, limits, connections by reason, the last lines of its own log.',
    answer: json(schemas.diagnostics),
  },
  {
    method: 'get',
    path: '/api/v1/tail',
    summary:
      'Lines as they pass, from now on, in events of at most 2,000 lines, ten a second at most. A reader that is slow misses lines, and is told how many; nothing waits for it.',
    query: tailQuery,
    answer: { type: 'events', schema: schemas.tailEvent },
    refusals: { 404: 'There is no such component.', 503: 'Too many look already.' },
  },
  {
    method: 'post',
    path: '/api/v1/logs',
    summary:
      'Takes lines in, for a source of type `push`, and answers when every sink behind it has them, or has them on disk: then they are safe. All of a body are taken, or none.',
    query: postQuery,
    lines: postedLine,
    answer: json(schemas.postedLines),
    refusals: {
      400: 'Lines are not as they should be, and which: nothing was taken.',
      403: 'The asker may not: it takes the role `writer` or `admin`.',
      404: 'There is no source that takes lines.',
      408: 'The body did not come in time.',
      413: 'It is longer than `api.limits.body`.',
      415: 'It is neither NDJSON nor plain text.',
      429: 'A queue is full, or too many bodies come: nothing was taken, `retry-after` says when to send it again.',
      503: 'The lines are not safe within the time of the source: send them again, they may arrive twice.',
    },
  },
  {
    method: 'get',
    path: '/api/v1/dead-letters',
    summary: 'Lines that destinations have refused for good, a part of the list at a time.',
    query: listQuery,
    answer: json(schemas.deadLetters),
  },
  {
    method: 'delete',
    path: '/api/v1/dead-letters',
    summary: 'Drops dead letters: some, all of a sink, or all.',
    body: selection,
    answer: json(schemas.droppedLetters),
  },
  {
    method: 'get',
    path: '/api/v1/dead-letters/{id}',
    summary: 'A dead letter, with its lines.',
    query: readQuery,
    answer: json(schemas.openedDeadLetter),
    refusals: { 404: 'There is no such letter.' },
  },
  {
    method: 'get',
    path: '/api/v1/dead-letters/replay',
    summary: 'How the replay does that is running, or the last one.',
    answer: json(schemas.replayAnswer),
  },
  {
    method: 'post',
    path: '/api/v1/dead-letters/replay',
    summary: 'Begins to send dead letters again, one replay at a time.',
    body: replayBody,
    answer: { ...json(schemas.replayState), status: 202 },
    refusals: { 409: 'One is running.' },
  },
  {
    method: 'post',
    path: '/api/v1/reload',
    summary: 'Reads the configuration again; what did not change keeps running.',
    answer: json(schemas.reloadAnswer),
    refusals: {
      409: 'It cannot be in force while this collector runs.',
      422: 'It has mistakes, and nothing has changed.',
      500: 'Parts of it do not work, and are as they were.',
    },
  },
]
