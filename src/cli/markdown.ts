/** Notice above every generated page. */
export const notice = '<!-- Generated from the source: change that, then run `npm run generate`. -->'

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}

export function code(text: string): string {
  return text === '' ? '' : `\`${text}\``
}

export function fence(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``
}

export function page(...blocks: readonly string[]): string {
  return [notice, ...blocks.filter((block) => block !== '')].join('\n\n')
}
