/** Whether the byte is one of the ten digits of ASCII; undefined, behind the end of bytes, is none. */
export function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}
