/** Whether a program is in PATH, or where Debian puts those of the administrator. */
export function hasProgram(name: string): boolean
/** A busybox that runs without libraries: the only file of the tests' image. Undefined: there is none. */
export function staticBusybox(): string | undefined
/** The Debian packages that the tests' engine still lacks. */
export function missingPackages(): string[]
