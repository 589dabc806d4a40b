import type { ResourceRecord } from '../run-record.ts'

export type Unit = ResourceRecord['unit']

const binary = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const

/** Three digits that count: `0.664`, `12.3`, `1,230`, `−4`. */
export function figure(value: number): string {
  return value < 0 ? `\u2212${sized(-value)}` : sized(value)
}

function sized(size: number): string {
  if (!Number.isFinite(size)) return 'unknown'
  if (size >= 100) return Math.round(size).toLocaleString('en-US')
  return size !== 0 && size < 0.001 ? size.toPrecision(2) : String(Number(size.toPrecision(3)))
}

/** `0.664`, `1.2 KiB`, `0.03 s`. */
export function amount(value: number, unit: Unit): string {
  switch (unit) {
    case 'items':
      return figure(value)
    case 'seconds':
      return `${figure(value)}\u00a0s`
    case 'bytes': {
      const { divisor, name } = byteScale(Math.abs(value))
      return `${figure(value / divisor)}\u00a0${name}`
    }
  }
}

/** `0.1 to 0.7`, `−11.9 to 18.8 KiB`. */
export function range(low: number, high: number, unit: Unit): string {
  if (unit !== 'bytes') return `${figure(low)} to ${amount(high, unit)}`
  const { divisor, name } = byteScale(Math.max(Math.abs(low), Math.abs(high)))
  return `${figure(low / divisor)} to ${figure(high / divisor)}\u00a0${name}`
}

/** The unit in which amounts up to `largest` are written. */
export function byteScale(largest: number): { readonly divisor: number; readonly name: string } {
  const power = largest < 1024 ? 0 : Math.min(binary.length - 1, Math.floor(Math.log2(largest) / 10))
  return { divisor: 1024 ** power, name: binary[power]! }
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US')
}

/** `1 %`, `99.9933 %`: of a level, which is chosen, not measured. */
export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(6))}\u00a0%`
}

/** `48 s`, `32 min`, `5.2 h`, `12 days`: two units would be more than is known. */
export function duration(seconds: number): string {
  if (seconds < 120) return `${figure(seconds)} s`
  if (seconds < 7_200) return `${figure(seconds / 60)} min`
  if (seconds < 172_800) return `${figure(seconds / 3_600)} h`
  return seconds < 730 * 86_400 ? `${figure(seconds / 86_400)} days` : `${figure(seconds / 31_557_600)} years`
}

/** Texts that say the same of several names, once: `a and b: text`. */
export function grouped(pairs: readonly (readonly [name: string, text: string])[]): readonly string[] {
  const names = new Map<string, string[]>()
  for (const [name, text] of pairs) names.set(text, [...(names.get(text) ?? []), name])
  return [...names].map(([text, all]) => `${listed(all)}: ${text}`)
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`
}
