import { descriptorLimitIn } from '../../lib/descriptor-limit.ts'
import { readProcFile } from './proc-file.ts'

/** The soft limit of open descriptors (RLIMIT_NOFILE); undefined: there is none, or the process has gone. @throws ProcessError */
export function readDescriptorLimit(pid: number): number | undefined {
  return descriptorLimitIn(readProcFile(pid, 'limits') ?? '')
}
