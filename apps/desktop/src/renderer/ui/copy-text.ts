/**
 * Puts text on the clipboard while a button is being pressed. Not by `navigator.clipboard`: that
 * needs a permission, and the app's window is given none.
 */
export function copyText(text: string): void {
  const fill = (event: ClipboardEvent): void => {
    event.clipboardData?.setData('text/plain', text)
    event.preventDefault()
  }
  document.addEventListener('copy', fill, { once: true })
  const isDone = document.execCommand('copy')
  document.removeEventListener('copy', fill)
  if (!isDone) throw new Error('Nothing was copied. Select the text and copy it by hand.')
}
