import { readProcFile } from './proc-file.ts'

/** The soft limit of open descriptors (RLIMIT_NOFILE); undefined: there is none, or the process has gone. @throws ProcessError */
export function readDescriptorLimit(pid: number): number | undefined {
  const match = /^Max open files\s+(\d+)/m.exec(readProcFile(pid, 'limits') ?? '')
  return match ? Number(match[1]) : undefined
}
