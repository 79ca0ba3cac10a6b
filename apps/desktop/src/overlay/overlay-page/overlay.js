/**
 * Shows the states that `/captions` sends. A state is everything there is to show:
 * `{lines: [{id, text}], interim}`. Words come from a microphone and a model, so they reach the page
 * as text nodes only.
 * @typedef {{ id: number, text: string }} Line
 * @typedef {{ lines: Line[], interim: string }} OverlayState
 */

/** Wait before connecting anew where the browser has given up, in ms. */
const RECONNECT_MS = 2000

const captions = /** @type {HTMLElement} */ (document.getElementById('captions'))
/** Elements of the lines in sight. @type {Map<string, HTMLElement>} */
const lineElements = new Map()
/** @type {HTMLElement | undefined} */
let interimElement
/** Keys of lines that have faded out: they do not come back with the next words. */
let faded = new Set()
/** The last event's data: after a reconnection the same state may come again. */
let shownData = ''
let fadeTimer = 0

connect()

function connect() {
  const source = new EventSource('/captions')
  source.addEventListener('open', () => document.getElementById('status')?.remove())
  source.addEventListener('message', ({ data }) => {
    if (data === shownData) return
    shownData = data
    show(JSON.parse(data))
  })
  // A lost connection the browser restores by itself; an answer that is no event stream, as of
  // another program on this port for a while, it takes for final.
  source.addEventListener('error', () => {
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, RECONNECT_MS)
  })
}

/** @param {OverlayState} state */
function show({ lines, interim }) {
  const shown = lines.filter((line) => !faded.has(keyOf(line)))
  const keys = new Set(shown.map(keyOf))
  for (const [key, element] of lineElements) {
    if (keys.has(key)) continue
    element.remove()
    lineElements.delete(key)
  }
  for (const line of shown) {
    if (lineElements.has(keyOf(line))) continue
    // The guess becomes the line in place, so that nothing on screen jumps.
    const element = interimElement ?? addElement()
    interimElement = undefined
    element.className = 'line'
    element.textContent = line.text
    lineElements.set(keyOf(line), element)
  }
  showInterim(interim)
  fadeAfterSilence(lines)
}

/** @param {string} text */
function showInterim(text) {
  if (text === '') {
    interimElement?.remove()
    interimElement = undefined
    return
  }
  interimElement ??= addElement()
  interimElement.className = 'line interim'
  interimElement.textContent = text
}

/** @param {Line[]} lines */
function fadeAfterSilence(lines) {
  // Read each time: OBS adds its custom CSS some time after the page has loaded.
  const style = getComputedStyle(captions)
  const holdSeconds = Number(style.getPropertyValue('--caption-hold-seconds')) || 6
  captions.classList.remove('quiet')
  clearTimeout(fadeTimer)
  fadeTimer = setTimeout(() => {
    captions.classList.add('quiet')
    faded = new Set(lines.map(keyOf))
  }, holdSeconds * 1000)
}

function addElement() {
  const element = document.createElement('p')
  element.dir = 'auto'
  captions.append(element)
  return element
}

/**
 * An id alone may come again with other words, from a server that was started anew.
 * @param {Line} line
 */
function keyOf({ id, text }) {
  return `${id} ${text}`
}
