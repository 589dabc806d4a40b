/** Keys as a terminal sends them in raw mode. */
const interrupt = '\x03'

/** Lets single keys of the terminal be heard, `q` and Ctrl-C as the wish to end. Disposing gives the terminal back as it was. Nothing where standard input is none. */
export function listenForEnd(onEnd: () => void): Disposable {
  const { stdin } = process
  if (!stdin.isTTY) return { [Symbol.dispose]: () => undefined }
  const onData = (keys: Buffer) => {
    if (/q/i.test(keys.toString()) || keys.toString().includes(interrupt)) onEnd()
  }
  stdin.setRawMode(true)
  stdin.on('data', onData).resume()
  return {
    [Symbol.dispose]: () => {
      stdin.off('data', onData).pause()
      stdin.setRawMode(false)
    },
  }
}
