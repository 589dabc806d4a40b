// Sequences that only colour, of ECMA-48: what is between is text.
const colours = /\u001b\[[0-9;:]*m/g
// C0 but for the tab, DEL, C1, and what reorders or breaks a line.
const unsafe = /[\0-\x08\n-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g

/** The text with everything made visible that would hide, reorder or break it: `␀`, `‹U+202E›`. */
export function visibleText(text: string): string {
  return text.replace(unsafe, (sign) => {
    const code = sign.charCodeAt(0)
    // The pictures of C0, and of DEL.
    if (code < 0x20) return String.fromCharCode(0x2400 + code)
    if (code === 0x7f) return '␡'
    return `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`
  })
}

/** The same without the sequences that colour text on a terminal. */
export function plainText(text: string): string {
  return visibleText(text.includes('\u001b') ? text.replace(colours, '') : text)
}
