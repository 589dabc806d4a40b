/**
 * Lines of the lab carry their identity: the run that wrote them and their place in it. It is plain text without anything that an encoding would escape, so
 * that it is found in whatever a collector makes of the line (JSON, protobuf, a text file).
 */
export function lineText(run: number, place: number, bytes: number): string {
  return `${`soak#${run}#${place};`.padEnd(bytes - 1, ' .')}\n`
}

const identity = /soak#(\d+)#(\d+);/g

/** Calls `found` with run and place of every line of the lab in `text`. */
export function findLines(text: string, found: (run: number, place: number) => void): void {
  for (const match of text.matchAll(identity)) found(Number(match[1]), Number(match[2]))
}
