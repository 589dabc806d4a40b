import type { Cursor } from './cursor.ts'

/** Where a line came from: one object per stream of a container, shared by all of its lines. Never changed once made. */
export interface Origin {
  /** Names the stream for cursors, for ever: `source/container id/stdout`. */
  readonly key: string
  readonly stream: 'stdout' | 'stderr'
  readonly container: { readonly id: string; readonly name: string; readonly image: string }
  /** The container's labels, as the engine has them. */
  readonly labels: Readonly<Record<string, string>>
  /** The host that the container runs on, as its engine names it. */
  readonly host: string
}

/** How far a stream's lines have come with the batch that carries this. */
export interface Progress {
  readonly key: string
  readonly cursor: Cursor
}
