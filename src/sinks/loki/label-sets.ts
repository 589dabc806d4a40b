import { fieldNamesOf, fieldOfPlaceholder, fillTemplate } from '../../batch/origin-template.ts'
import type { Origin } from '../../batch/origin.ts'
import { BoundedMap } from '../../lib/bounded-map.ts'
import { cutUtf8 } from './cut-utf8.ts'
import { encodePairs, type Pairs } from './pairs.ts'

/** What all lines of an origin have in common on their way to Loki. */
export interface StreamTarget {
  /** `{container="web-1", stream="stdout"}`: what makes a stream of Loki. */
  readonly labels: string
  /** The same, in UTF-8. */
  readonly labelBytes: Uint8Array
  readonly labelPairs: Pairs
  readonly tenant: string
  /** Names the stream of Loki: tenant and labels. Made once, as it is looked up with every push. */
  readonly key: string
  /** Structured metadata of each line. */
  readonly metadata: Pairs
  /** The same, encoded. */
  readonly metadataBytes: Uint8Array
  readonly isOverflow: boolean
}

export interface LabelOptions {
  readonly labels: Readonly<Record<string, string>>
  readonly metadata: Readonly<Record<string, string>>
  readonly tenant: string | undefined
  readonly hasMetadata: boolean
  readonly maxStreams: number
}

/** Loki's own limits: max_label_value_length, max_structured_metadata_size. */
const maxLabelValueBytes = 2_048
const maxMetadataValueBytes = 8_192
const forgottenAfterMs = 3_600_000
/** Of an origin, by the values of the fields that its labels are made of. */
const mostKnownTargets = 1_000
const overflowPair = ['log_capturer_overflow', 'true'] as const
/** Selects the lines of all label sets beyond the budget. */
export const overflowSelector = `{${overflowPair[0]}="${overflowPair[1]}"}`

interface Targets {
  readonly own: StreamTarget
  readonly overflow: StreamTarget
}

/** Of one origin. */
interface KnownTargets {
  /** Of lines without a field that its labels are made of. */
  usual: Targets | undefined
  /** Of the others, by the fields' values. */
  byValues: BoundedMap<string, Targets> | undefined
}

/** Label sets of origins, within a budget: what is beyond it shares one set, so that no label of anybody can flood the server's index. */
export class LabelSets {
  /** Fields that labels or tenant are made of. */
  readonly fieldNames: readonly string[]
  readonly #options: LabelOptions
  readonly #targets = new WeakMap<Origin, KnownTargets>()
  /** When each set was last used. */
  readonly #used = new Map<string, { atMs: number }>()
  /** Before this time no set will be forgotten. */
  #noneForgottenBeforeMs = 0

  constructor(options: LabelOptions) {
    this.#options = options
    this.fieldNames = fieldNamesOf([...Object.values(options.labels), options.tenant ?? ''])
  }

  /** `values`: a line's, of the fields in `fieldNames`; empty where it has none. */
  targetOf(origin: Origin, nowMs: number, values: readonly string[] = []): StreamTarget {
    let known = this.#targets.get(origin)
    if (!known) this.#targets.set(origin, (known = { usual: undefined, byValues: undefined }))
    const { own, overflow } =
      values.length === 0 ? (known.usual ??= this.#make(origin, values)) : this.#byValues(origin, known, values)
    return this.#take(own.key, nowMs) ? own : overflow
  }

  #byValues(origin: Origin, known: KnownTargets, values: readonly string[]): Targets {
    const all = (known.byValues ??= new BoundedMap(mostKnownTargets))
    const key = values.join('\0')
    let targets = all.get(key)
    if (!targets) all.set(key, (targets = this.#make(origin, values)))
    return targets
  }

  #take(set: string, nowMs: number): boolean {
    const used = this.#used.get(set)
    if (used !== undefined) {
      used.atMs = nowMs
      return true
    }
    if (this.#used.size >= this.#options.maxStreams && !this.#forgetOne(nowMs)) return false
    this.#used.set(set, { atMs: nowMs })
    return true
  }

  /** Makes room by the set that was used longest ago, if that is long. Looks through them only when one may be found. */
  #forgetOne(nowMs: number): boolean {
    if (nowMs < this.#noneForgottenBeforeMs) return false
    let oldest: { readonly set: string; readonly atMs: number } | undefined
    for (const [set, { atMs }] of this.#used) if (oldest === undefined || atMs < oldest.atMs) oldest = { set, atMs }
    this.#noneForgottenBeforeMs = oldest!.atMs + forgottenAfterMs
    if (nowMs < this.#noneForgottenBeforeMs) return false
    this.#used.delete(oldest!.set)
    return true
  }

  #make(origin: Origin, values: readonly string[]): Targets {
    const { labels, metadata, tenant, hasMetadata } = this.#options
    const valueOf = (name: string) => {
      const field = fieldOfPlaceholder(name)
      return field === undefined ? undefined : (values[this.fieldNames.indexOf(field)] ?? '')
    }
    const fill = (text: string) => fillTemplate(text, origin, valueOf)
    const filled = fillAll(labels, fill, maxLabelValueBytes)
    const own = filled.length > 0 ? filled : ([['stream', origin.stream]] as const)
    const { id, image } = origin.container
    const always: Pairs = [
      ['container_id', id],
      ['image', image],
      ...fillAll(metadata, fill, maxMetadataValueBytes),
    ].filter(([, value]) => value !== '') as [string, string][]
    const tenantText = tenant === undefined ? '' : fill(tenant)
    const to = (labelPairs: Pairs, pairs: Pairs, isOverflow: boolean): StreamTarget => {
      const labelText = `{${labelPairs.map(([name, value]) => `${name}=${quote(value)}`).join(', ')}}`
      return {
        labels: labelText,
        labelBytes: Buffer.from(labelText),
        labelPairs,
        tenant: tenantText,
        key: `${tenantText}\0${labelText}`,
        metadata: hasMetadata ? pairs : [],
        metadataBytes: encodePairs(hasMetadata ? pairs : []),
        isOverflow,
      }
    }
    const named = new Set(always.map(([name]) => name))
    const rest = own.filter(([name]) => !named.has(name))
    return {
      own: to(own, always, false),
      overflow: to([overflowPair, ['stream', origin.stream]], [...always, ...rest], true),
    }
  }
}

function fillAll(templates: Readonly<Record<string, string>>, fill: (text: string) => string, maxBytes: number): Pairs {
  return Object.entries(templates)
    .map(([name, text]) => [name, cutUtf8(wellFormed(fill(text)), maxBytes)] as const)
    .filter(([, value]) => value !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

/** A lone surrogate would make Loki refuse the whole push. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString('utf8')
}

/** A string as LogQL reads it, which is as Go does. */
function quote(value: string): string {
  // biome-ignore lint: control characters are just what is looked for.
  return `"${value.replace(/["\\\u0000-\u001f\u007f]/g, (sign) => (sign === '"' || sign === '\\' ? `\\${sign}` : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`))}"`
}
