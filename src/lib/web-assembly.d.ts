/** The parts of WebAssembly that are used here: the types of Node 20 do not have it. */
declare namespace WebAssembly {
  function validate(bytes: Uint8Array): boolean
  const Module: new (bytes: Uint8Array) => object
  const Instance: new (module: object) => { readonly exports: unknown }
  interface Memory {
    readonly buffer: ArrayBuffer
  }
}
