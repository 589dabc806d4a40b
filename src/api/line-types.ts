/** The content types that lines may come as, and what a reader of them calls these. */
export const lineTypes = {
  'application/x-ndjson': 'ndjson',
  'application/ndjson': 'ndjson',
  'application/json': 'ndjson',
  'text/plain': 'text',
} as const
