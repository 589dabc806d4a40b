import { type Finding, problemAt, renderPlace } from './place.ts'
import type { Report } from './problem.ts'
import { sections } from './component-spec.ts'
import type { Entry, Fields } from './tree.ts'

/** One document of several: their components side by side, and each other key from the one document that has it. */
export function merge(documents: readonly [Fields, ...Fields[]], report: Report): Fields {
  const entries = new Map<string, Entry>()
  for (const document of documents) {
    for (const [key, entry] of document.entries) {
      const first = entries.get(key)
      if (first === undefined) entries.set(key, entry)
      else if (isSection(key) && first.value.kind === 'fields' && entry.value.kind === 'fields') {
        entries.set(key, { key: first.key, value: mergeSection(key, [first.value, entry.value], report) })
      } else report(problemAt(entry.key, [key], twice(first)))
    }
  }
  return { kind: 'fields', place: documents[0].place, entries }
}

function mergeSection(section: string, [left, right]: readonly [Fields, Fields], report: Report): Fields {
  const entries = new Map(left.entries)
  for (const [id, entry] of right.entries) {
    const first = entries.get(id)
    if (first === undefined) entries.set(id, entry)
    else report(problemAt(entry.key, [section, id], twice(first)))
  }
  return { ...left, entries }
}

export function twice(first: Entry): Finding {
  return { message: `already defined at ${renderPlace(first.key)}`, cure: 'rename or remove one of them' }
}

function isSection(key: string): boolean {
  return (sections as readonly string[]).includes(key)
}
