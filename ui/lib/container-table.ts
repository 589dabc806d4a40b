import type { Containers } from '../../src/api/v1/schemas.ts'

export type Container = Containers['containers'][number]

export interface ContainerSort {
  readonly by: 'name' | 'image' | 'state' | 'reader' | 'streams' | 'rate' | 'lines' | 'lag' | 'lastLine' | 'gaps'
  readonly direction: 'ascending' | 'descending'
}

const keys: Readonly<Record<ContainerSort['by'], (container: Container) => string | number>> = {
  name: ({ name }) => name,
  image: ({ image }) => image,
  state: ({ state }) => state,
  reader: ({ reader }) => reader ?? '',
  streams: ({ streams }) => streams.join(),
  rate: ({ lines }) => lines.perSecond ?? -1,
  lines: ({ lines }) => lines.total,
  lag: ({ lagSeconds }) => lagSeconds ?? -1,
  lastLine: ({ lastLineAt }) => lastLineAt ?? '',
  gaps: ({ gaps }) => gaps,
}

const collator = new Intl.Collator('en', { numeric: true })

/** Those that are alike come by name, so that rows do not jump. */
export function sortContainers(containers: readonly Container[], { by, direction }: ContainerSort): Container[] {
  const keyOf = keys[by]
  const sign = direction === 'ascending' ? 1 : -1
  return [...containers].sort((a, b) => sign * compare(keyOf(a), keyOf(b)) || collator.compare(a.name, b.name))
}

export function filterContainers(
  containers: readonly Container[],
  { text, state }: { readonly text: string; readonly state: string },
): readonly Container[] {
  const wanted = text.trim().toLowerCase()
  return containers.filter(
    (one) =>
      (state === '' || one.state === state) &&
      (wanted === '' || [one.name, one.image, one.id].some((field) => field.toLowerCase().includes(wanted))),
  )
}

function compare(a: string | number, b: string | number): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b))
}
