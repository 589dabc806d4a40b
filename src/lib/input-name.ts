/** An input is the id of a component, or, where that has outputs, the id and the output: `router.errors`. */
export function componentOf(input: string): string {
  const dot = input.indexOf('.')
  return dot === -1 ? input : input.slice(0, dot)
}

/** Undefined: it names none. */
export function outputOf(input: string): string | undefined {
  const dot = input.indexOf('.')
  return dot === -1 ? undefined : input.slice(dot + 1)
}

export function inputName(component: string, output: string): string {
  return `${component}.${output}`
}
