/** A chart: panels that stand beside or below each other, as wide as the page has room for, and what their marks mean. */
export interface Figure {
  /** Of the file, without its ending: letters, digits and `-`. */
  readonly name: string
  readonly title: string
  readonly caption: string
  readonly legend: readonly LegendEntry[]
  readonly panels: readonly Panel[]
  /** The same for a narrow page, where the panels would be too wide for it. */
  readonly narrow: readonly Panel[] | undefined
}

/** `swatch` is drawn in 20 x 12. */
export interface LegendEntry {
  readonly swatch: string
  readonly text: string
}

/** `body` is SVG, drawn in `width` x `height`; `title` and `description` are plain text for those who do not see it. */
export interface Panel {
  readonly width: number
  readonly height: number
  readonly title: string
  readonly description: string
  readonly body: string
}
