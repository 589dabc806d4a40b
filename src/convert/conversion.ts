/** A file as it was read. */
export interface SourceFile {
  readonly name: string
  readonly text: string
}

/** Something of the input that the output does not do, or does in another way. */
export interface Gap {
  readonly file: string
  /** Begins with 1; undefined: not known. */
  readonly line: number | undefined
  /** `scrape_configs[0].relabel_configs[2]`. */
  readonly path: string
  readonly message: string
  readonly cure: string
}

export interface Conversion {
  /** A configuration of log-capturer, as YAML. */
  readonly text: string
  /** In the order of the input. */
  readonly gaps: readonly Gap[]
}

/** @example promtail.yaml:12: scrape_configs[0].pipeline_stages[2].metrics: no metrics are made of lines; ... */
export function renderGap({ file, line, path, message, cure }: Gap): string {
  const place = line === undefined ? file : `${file}:${line}`
  return `${[place, path, message].filter((part) => part !== '').join(': ')}; ${cure}`
}
