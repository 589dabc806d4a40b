/**
 * A tar file (POSIX ustar) of small texts. Each file: a head of 512 bytes, then its bytes, filled up with zeros to a multiple of 512; two empty heads end it.
 */
const blockBytes = 512

export interface TarFile {
  /** Up to 100 bytes. */
  readonly name: string
  readonly text: string
}

export function tarOf(files: readonly TarFile[], modifiedAt: Date): Buffer {
  const parts = files.flatMap(({ name, text }) => {
    const bytes = Buffer.from(text)
    return [
      headOf(name, bytes.length, modifiedAt),
      bytes,
      Buffer.alloc((blockBytes - (bytes.length % blockBytes)) % blockBytes),
    ]
  })
  return Buffer.concat([...parts, Buffer.alloc(2 * blockBytes)])
}

function headOf(name: string, size: number, modifiedAt: Date): Buffer {
  const head = Buffer.alloc(blockBytes)
  const octal = (value: number, digits: number) => value.toString(8).padStart(digits, '0')
  head.write(name, 0, 100)
  head.write(`${octal(0o600, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100)
  head.write(`${octal(size, 11)}\0${octal(Math.floor(modifiedAt.getTime() / 1_000), 11)}\0`, 124)
  // The sum is made with spaces in its own place.
  head.write('        ', 148)
  head.write('0', 156)
  head.write('ustar\x0000', 257)
  const sum = head.reduce((total, byte) => total + byte, 0)
  head.write(`${octal(sum, 6)}\0 `, 148)
  return head
}
