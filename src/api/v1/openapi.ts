import { z } from 'zod'
import { type Operation, operations } from './operations.ts'
import { problem } from './schemas.ts'

/** The description of the API (OpenAPI 3.1), made from the schemas of its operations. */
export function openApi(version: string): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const operation of operations) (paths[operation.path] ??= {})[operation.method] = described(operation)
  return {
    openapi: '3.1.0',
    info: {
      title: 'log-capturer',
      version,
      description:
        'The HTTP API of a running collector. Within v1 answers may gain fields, and never lose any or change their meaning.',
    },
    paths,
  }
}

function described({ summary, query, body, lines, answer, refusals = {}, path, method }: Operation) {
  const answerType = answer.type === 'json' ? 'application/json' : 'text/event-stream'
  const problems = { 400: 'What was asked for is not understood.', 403: 'The asker may not.', ...refusals }
  return {
    summary,
    operationId: `${method}${path.replace(/^\/api\/v1/, '').replace(/[^a-zA-Z]+(.)?/g, (_, next: string = '') => next.toUpperCase())}`,
    parameters: [...pathParameters(path), ...(query ? queryParameters(query) : [])],
    ...(body
      ? { requestBody: { required: true, content: { 'application/json': { schema: jsonOf(body, 'input') } } } }
      : {}),
    ...(lines ? { requestBody: { required: true, content: linesContent(lines) } } : {}),
    responses: {
      [answer.status ?? 200]: {
        description: answer.type === 'json' ? 'The answer.' : 'Events, each with one of these as its data.',
        content: { [answerType]: { schema: jsonOf(answer.schema, 'output') } },
      },
      ...Object.fromEntries(
        Object.entries(problems).map(([status, description]) => [
          status,
          { description, content: { 'application/json': { schema: jsonOf(problem, 'output') } } },
        ]),
      ),
    },
  }
}

function linesContent(schema: z.ZodType) {
  const description = 'One object a line (NDJSON).'
  return {
    'application/x-ndjson': { schema: { ...jsonOf(schema, 'input'), description } },
    'text/plain': { schema: { type: 'string', description: 'Lines as they are.' } },
  }
}

function pathParameters(path: string) {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))
}

function queryParameters(query: z.ZodObject) {
  const { properties = {}, required = [] } = jsonOf(query, 'input') as {
    properties?: Record<string, { description?: string }>
    required?: string[]
  }
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema,
  }))
}

function jsonOf(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io }) as Record<string, unknown>
  return rest
}
