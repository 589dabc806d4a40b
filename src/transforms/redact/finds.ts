/** What was found in one line, in arrays that serve for every line: offsets in the arena, and the number of the rule. */
export class Finds {
  count = 0
  readonly from: number[] = []
  readonly to: number[] = []
  readonly rule: number[] = []

  add(from: number, to: number, rule: number): void {
    this.from[this.count] = from
    this.to[this.count] = to
    this.rule[this.count] = rule
    this.count += 1
  }

  /** In the order of the line, without overlaps: what lies over the one before is made one with it. */
  arrange(): void {
    if (this.#isArranged()) return
    const found = Array.from({ length: this.count }, (_, i) => [this.from[i]!, this.to[i]!, this.rule[i]!] as const)
    found.sort((a, b) => a[0] - b[0] || b[1] - a[1])
    this.count = 0
    for (const [from, to, rule] of found) {
      if (this.count > 0 && from < this.to[this.count - 1]!)
        this.to[this.count - 1] = Math.max(to, this.to[this.count - 1]!)
      else this.add(from, to, rule)
    }
  }

  #isArranged(): boolean {
    for (let i = 1; i < this.count; i++) if (this.from[i]! < this.to[i - 1]!) return false
    return true
  }
}
