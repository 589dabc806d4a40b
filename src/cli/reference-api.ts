import { type Operation, operations } from '../api/v1/operations.ts'
import { type OptionRow, optionTable } from '../config/describe.ts'
import { z } from 'zod'
import { code, page, table } from './markdown.ts'

const about = [
  'At the address of `api.listen`, `http://127.0.0.1:8401` where nothing else is set. `/api/v1/openapi.json` is the same for programs (OpenAPI 3.1).',
  'Within v1 answers may gain fields, and never lose any or change their meaning. What is refused is answered with `{"error": "...", "hint": "..."}`. What changes something has to be sent with `content-type: application/json` (posted lines with theirs), and only `localhost` and addresses are taken as the host, so that no page of another site can do it.',
  'An amount is `{"total": 1200, "perSecond": 40.5}`: a count since the collector was started, and how fast it grows, since somebody asked about a second before; `null` for whoever asks first.',
].join('\n\n')

const linesSent =
  'It takes lines: of `text/plain` as they are, of `application/x-ndjson` (or `application/json`) an object a line:'

/** Every operation of the API, with what it takes and answers. */
export function apiPage(): Readonly<Record<string, string>> {
  return { 'api.md': page('# HTTP API', about, ...operations.map(operationText)) }
}

function operationText({ method, path, summary, query, body, lines, answer, refusals }: Operation): string {
  const events = answer.type === 'events' ? 'Server-sent events, each with this as its data:' : 'The answer:'
  const asked = query ? ['It takes these in the query:', fieldsText(optionTable({ options: query }), 'query')] : []
  const all = optionTable({ options: z.object({ answer: answer.schema }) }).slice(1)
  const amounts = all.filter(({ type }) => type === 'amount').map((row) => `${row.path}.`)
  const sent = body ? ['It takes this as JSON:', bodyText(body)] : lines ? [linesSent, bodyText(lines)] : []
  const rows = all.filter((row) => !amounts.some((prefix) => row.path.startsWith(prefix)))
  const fields = fieldsText(
    rows.map((row) => ({ ...row, path: row.path.replace(/^answer\./, '') })),
    'answer',
  )
  const refused = lines && refusals ? ['It is refused with:', refusalsText(refusals)] : []
  return [`## ${method.toUpperCase()} ${path}`, summary, ...asked, ...sent, events, fields, ...refused].join('\n\n')
}

function refusalsText(refusals: NonNullable<Operation['refusals']>): string {
  return table(['Status', 'Meaning'], Object.entries(refusals))
}

/** Alternatives are told apart by the one key that each must have. */
function bodyText(body: z.ZodType): string {
  const rows = optionTable({ options: z.object({ body }) }).slice(1)
  return fieldsText(
    rows.map((row) => ({ ...row, path: row.path.replace(/^body\./, '') })),
    'query',
  )
}

function fieldsText(rows: readonly OptionRow[], of: 'query' | 'answer'): string {
  const cells = rows.map(({ path, type, description, isRequired }) => [
    code(path),
    of === 'answer' && !isRequired ? `${type}, or not there` : type,
    description,
  ])
  return table([of === 'query' ? 'Parameter' : 'Field', 'Value', 'Meaning'], cells)
}
