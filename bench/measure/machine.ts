import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'

export interface Machine {
  readonly processor: string
  readonly cores: number
  readonly memoryGb: number
  readonly system: string
  readonly node: string
  /** Processes that wanted to run in the last minute, this measurement's included: above the cores the machine was busy with other things, too. */
  readonly load: number
}

export function readMachine(): Machine {
  const processors = cpus()
  return {
    processor: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memoryGb: Math.round(totalmem() / 1e9),
    system: `${distribution()}, Linux ${release()}`,
    node: process.version,
    load: loadavg()[0]!,
  }
}

function distribution(): string {
  const [, name] = /^PRETTY_NAME="?([^"\n]*)/m.exec(readFileSync('/etc/os-release', 'utf8')) ?? []
  return name ?? 'unknown'
}
