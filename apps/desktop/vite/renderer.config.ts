import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vite'

const source = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url))

/** The window's page, which app://saywire/ serves. */
export default defineConfig({
  root: source('src/renderer'),
  build: {
    outDir: source('dist/renderer'),
    emptyOutDir: true,
    target: 'chrome142',
    // The content security policy allows files of this origin only, no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
