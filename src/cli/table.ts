/** Rows side by side. A column whose name in `head` ends in a space-less `>` stands to the right; the last one is not filled up. */
export function tableLines(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const names = head.map((name) => name.replace(/>$/, ''))
  const widths = names.map((name, i) => Math.max(name.length, ...rows.map((row) => row[i]!.length)))
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, i) => (head[i]!.endsWith('>') ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd()
  return [line(names), ...rows.map(line)]
}

/** `1,234,567`. */
export function numberText(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** A speed that may not be known yet. */
export function speedText(perSecond: number | null, text: (value: number) => string = numberText): string {
  return perSecond === null ? '-' : `${text(Math.round(perSecond))}/s`
}
