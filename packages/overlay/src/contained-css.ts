/**
 * Pure: custom CSS as it is meant inside a shadow tree, where the page's root is the tree's host.
 * Constructed style sheets ignore `@import`, and a shadow tree keeps the rules to itself.
 */
export function containedCss(css: string): string {
  return css.replaceAll(/(?<![\w.#-])(?::root|html|body)(?![\w-])/g, ':host')
}
