import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright-core'

/** What axe finds at fault on the page as it is now, one line per rule. */
export async function findBarriers(page: Page): Promise<string[]> {
  // Evaluated from outside, which the page's content security policy does not concern.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<AxeResults>('axe.run()')
  return violations.map(({ id, impact, nodes }) => {
    const places = nodes.map(({ target }) => target.join(' '))
    return `${impact} ${id}: ${places.join(', ')}`
  })
}

/** Whether something sticks out to the side, so that a reader would have to scroll there. */
export async function scrollsSideways(page: Page): Promise<boolean> {
  return page.evaluate('document.documentElement.scrollWidth > innerWidth')
}
