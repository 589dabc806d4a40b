/** Colours that names are told apart by, as picocolors calls them. */
const nameColors = [
  'cyan',
  'yellow',
  'green',
  'magenta',
  'blue',
  'cyanBright',
  'yellowBright',
  'greenBright',
  'magentaBright',
  'blueBright',
] as const

/** The same for a name in every run, by FNV-1a. */
export function nameColor(name: string): (typeof nameColors)[number] {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return nameColors[(hash >>> 0) % nameColors.length]!
}
