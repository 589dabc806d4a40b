import { fieldOf, readProcFile } from '../../src/lab/proc/proc-file.ts'
import { readProcess } from '../../src/lab/proc/read-process.ts'

/** User and system since the process began, all of its threads; its children are not in it. */
export function cpuSecondsOf(pid: number): number {
  return found(pid).cpuSeconds
}

export function residentMbOf(pid: number): number {
  return found(pid).residentBytes / 1e6
}

/** The most that was ever resident. */
export function peakMbOf(pid: number): number {
  const kib = fieldOf(readProcFile(pid, 'status') ?? '', 'VmHWM')
  if (kib === undefined) throw new Error(`the process ${pid} that is measured has ended`)
  return (kib * 1024) / 1e6
}

function found(pid: number) {
  const reading = readProcess(pid)
  if (reading === undefined) throw new Error(`the process ${pid} that is measured has ended`)
  return reading
}
