/** The soft limit of open descriptors (RLIMIT_NOFILE) in the text of /proc/PID/limits; undefined: there is none. */
export function descriptorLimitIn(limits: string): number | undefined {
  const match = /^Max open files\s+(\d+)/m.exec(limits)
  return match ? Number(match[1]) : undefined
}
