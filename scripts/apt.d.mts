/** Why packages cannot be installed here; undefined: they can. */
export function obstacle(): string | undefined
/** Installs Debian packages, after an update of the lists if they are not found at once. Gives back what apt-get said when it failed. */
export function installPackages(names: readonly string[]): string | undefined
