declare module 'snappyjs' {
  const snappy: {
    /** Raw snappy, without frames. Throws when it is none, or would be longer than `maxLength` bytes. */
    uncompress(compressed: Uint8Array, maxLength?: number): Uint8Array
    compress(bytes: Uint8Array): Uint8Array
  }
  export default snappy
}
