/** How far the page is wider than its window, and which elements make it so. */
export function overflow(): { readonly beyond: number; readonly elements: readonly string[] }
/** Texts of charts that are not inside them. */
export function textsOutside(): readonly string[]
/** `mode` of the document, its namespace, what the body has, and its colour. */
export function facts(): {
  readonly mode: string
  readonly namespace: string
  readonly children: readonly string[]
  readonly ground: string
}
/** Texts whose contrast with what is behind them is below `limit` (WCAG 2.2, 1.4.3). */
export function lowContrast(limit: number): { readonly checked: number; readonly low: readonly string[] }
