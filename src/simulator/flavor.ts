/** What tells one engine from another on the wire; the figures were measured on the engines named. */
export interface Flavor {
  readonly serverVersion: string
  /** The `Server` header of every answer. */
  readonly server: string
  readonly apiVersion: string
  readonly minApiVersion: string
  readonly isPodman: boolean
  /** Where a line without a line feed is cut: 16 KiB in Docker, the read buffer of conmon in Podman. */
  readonly pieceBytes: number
  /** Podman shows whole seconds; its files have more. */
  readonly timestampDigits: 0 | 9
  /** The newest version asked for by a client that is still given the old content type; undefined: never any type. */
  readonly rawStreamUpTo: string | undefined
  /** 20.10: the last line of a rotated file is sent again. */
  readonly rotationRepeats: boolean
  /** Docker puts a follow that is so many rotations behind into the newest file: 20.10 at once, 26.1 when it has read its own file to the end. */
  readonly rotationsUntilSkip: number
  /** 20.10: how often a follow ends without the last line, where that line has no line feed. */
  readonly lostTailShare: number
  /** 28.5: `die` tells how long the container ran. */
  readonly hasExecDuration: boolean
  /** 28.5: `stop` may be told before `die`. */
  readonly stopMayPrecedeDie: boolean
  /** 20.10, driver local: the last piece of a long line comes without its line feed. */
  readonly localOmitsLineFeed: boolean
  readonly malformedFilterStatus: 400 | 500
}

const docker20: Flavor = {
  serverVersion: '20.10.24+dfsg1',
  server: 'Docker/20.10.24+dfsg1 (linux)',
  apiVersion: '1.41',
  minApiVersion: '1.12',
  isPodman: false,
  pieceBytes: 16_384,
  timestampDigits: 9,
  rawStreamUpTo: undefined,
  rotationRepeats: true,
  rotationsUntilSkip: 1,
  lostTailShare: 0.4,
  hasExecDuration: false,
  stopMayPrecedeDie: false,
  localOmitsLineFeed: true,
  malformedFilterStatus: 500,
}

const docker28: Flavor = {
  ...docker20,
  serverVersion: '28.5.2',
  server: 'Docker/28.5.2 (linux)',
  apiVersion: '1.51',
  minApiVersion: '1.24',
  rawStreamUpTo: '1.41',
  rotationRepeats: false,
  rotationsUntilSkip: 2,
  lostTailShare: 0,
  hasExecDuration: true,
  stopMayPrecedeDie: true,
  localOmitsLineFeed: false,
  malformedFilterStatus: 400,
}

export const flavors = {
  '20.10': docker20,
  '28.5': docker28,
  '29.0': {
    ...docker28,
    serverVersion: '29.0.0',
    server: 'Docker/29.0.0 (linux)',
    apiVersion: '1.52',
    minApiVersion: '1.44',
  },
  podman: {
    ...docker28,
    serverVersion: '4.3.1',
    server: 'Libpod/4.3.1 (linux)',
    apiVersion: '1.41',
    minApiVersion: '1.24',
    isPodman: true,
    rotationsUntilSkip: Infinity,
    pieceBytes: 8_192,
    timestampDigits: 0,
  },
} as const satisfies Record<string, Flavor>

export type EngineVersion = keyof typeof flavors

/** Negative, zero or positive as API version `a` is before, the same as or after `b`. */
export function compareApiVersions(a: string, b: string): number {
  const [majorA = 0, minorA = 0] = a.split('.').map(Number)
  const [majorB = 0, minorB = 0] = b.split('.').map(Number)
  return majorA - majorB || minorA - minorB
}
