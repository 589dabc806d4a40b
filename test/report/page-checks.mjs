// These run in the page: they are sent there as text, and see nothing of this file but themselves.

/** How far the page is wider than its window, and which elements make it so. */
export function overflow() {
  const width = document.documentElement.clientWidth
  // What is there only for those who do not see the page is clipped away; charts cut off their own marks.
  const isClipped = (element) => element.closest('caption, thead, svg') !== null
  const wide = [...document.querySelectorAll('body *')].filter(
    (element) => !isClipped(element) && element.getBoundingClientRect().right > width + 0.5,
  )
  return {
    beyond: document.documentElement.scrollWidth - width,
    elements: wide.map((element) => `${element.tagName} ${element.textContent.slice(0, 40)}`),
  }
}

/** Texts of charts that are not inside them. */
export function textsOutside() {
  return [...document.querySelectorAll('svg text')].flatMap((text) => {
    const [inner, outer] = [text.getBoundingClientRect(), text.closest('svg').getBoundingClientRect()]
    return inner.right > outer.right + 1 || inner.left < outer.left - 1 ? [text.textContent] : []
  })
}

/** `mode` of the document, its namespace, what the body has, and its colour. */
export function facts() {
  const root = document.documentElement
  return {
    mode: document.compatMode,
    namespace: root.namespaceURI,
    children: [...(document.body?.children ?? [])].map(({ tagName }) => tagName),
    ground: getComputedStyle(document.body ?? root).backgroundColor,
  }
}

/** Texts whose contrast with what is behind them is below `limit` (WCAG 2.2, 1.4.3); of signs in a chart that is the ground of the page. */
export function lowContrast(limit) {
  const parse = (colour) => (colour.match(/[\d.]+/g) ?? []).map(Number)
  const luminance = (colour) => {
    const [red, green, blue] = colour.slice(0, 3).map((one) => {
      const share = one / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const contrast = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b)
    return (high + 0.05) / (low + 0.05)
  }
  // Of a chart in a file it is its first rectangle.
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor)
      if (colour.length > 0 && colour[3] !== 0) return colour
    }
    const rectangle = document.documentElement.querySelector(':scope > rect')
    return rectangle ? parse(getComputedStyle(rectangle).fill) : [255, 255, 255]
  }
  const hasText = (element) =>
    [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')
  const isSeen = (element) => element.getClientRects().length > 0 && !element.closest('title, desc, style, head')
  const texts = [...document.querySelectorAll('*')].filter((element) => hasText(element) && isSeen(element))
  const low = texts.flatMap((element) => {
    const style = getComputedStyle(element)
    const found = contrast(parse(element.tagName === 'text' ? style.fill : style.color), groundOf(element))
    return found < limit ? [`${found.toFixed(2)}: ${element.textContent.slice(0, 40)}`] : []
  })
  return { checked: texts.length, low }
}
