import { randomBytes } from 'node:crypto'

/** A name for one run of the lab, which its lines carry: those of another at the same time, or of an earlier one in the same files, are not its own. */
export function newLabName(): string {
  return randomBytes(4).toString('hex')
}

/**
 * Lines of the lab carry their identity: the lab's name, the run that wrote them and their place in it. It is plain text without anything that an encoding would
 * escape, so that it is found in whatever a collector makes of the line (JSON, protobuf, a text file).
 */
export function lineText(
  { lab, run, place }: { readonly lab: string; readonly run: number; readonly place: number },
  bytes: number,
): string {
  return `${`soak#${lab}#${run}#${place};`.padEnd(bytes - 1, ' .')}\n`
}

const identity = /soak#([0-9a-f]{8})#(\d+)#(\d+);/g

/** Calls `found` with run and place of every line of this lab in `text`. */
export function findLines(text: string, lab: string, found: (run: number, place: number) => void): void {
  for (const [, name, run, place] of text.matchAll(identity)) if (name === lab) found(Number(run), Number(place))
}
