export interface LineCounts {
  lines: number
  /** Line feeds included. */
  bytes: number
}

/** Everything that an engine counts; nothing is forgotten with a container or a restart. */
export interface EngineCounts {
  requests: number
  readonly connections: { opened: number; closed: number }
  readonly follows: { opened: number; closed: number }
  /** Of logs up to where they are. */
  readonly reads: { opened: number; closed: number }
  readonly containers: { created: number; removed: number }
  events: number
  /** Of log reads and follows: frames with their heads, HTTP not counted. */
  bodyBytes: number
  /** Faults that have struck. */
  faults: number
  /** What the engine has taken from its containers. Per container: `container.output`. */
  readonly stdout: LineCounts
  readonly stderr: LineCounts
}

export function noCounts(): EngineCounts {
  return {
    requests: 0,
    connections: { opened: 0, closed: 0 },
    follows: { opened: 0, closed: 0 },
    reads: { opened: 0, closed: 0 },
    containers: { created: 0, removed: 0 },
    events: 0,
    bodyBytes: 0,
    faults: 0,
    stdout: { lines: 0, bytes: 0 },
    stderr: { lines: 0, bytes: 0 },
  }
}
