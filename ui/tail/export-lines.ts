import type { Entry } from './line-buffer.ts'

/** As a terminal would show them. */
export function linesAsText(entries: readonly Entry[]): string {
  return entries
    .map((entry) =>
      entry.kind === 'skip'
        ? `--- ${entry.count} lines skipped ---\n`
        : `${entry.line.time} ${entry.line.container} ${entry.line.stream} ${entry.line.text}\n`,
    )
    .join('')
}

/** A file with a JSON object a line, as the file sink writes them. */
export function saveLines(entries: readonly Entry[]): void {
  const lines = entries.flatMap((entry) => (entry.kind === 'line' ? [`${JSON.stringify(entry.line)}\n`] : []))
  const url = URL.createObjectURL(new Blob(lines, { type: 'application/x-ndjson' }))
  const link = document.createElement('a')
  link.href = url
  link.download = `log-capturer-${new Date().toISOString().replaceAll(':', '-').slice(0, 19)}.ndjson`
  link.click()
  // The browser has begun to read it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
