import { describe, expect, it } from 'vitest'
import { launchApp, SKIPPED } from './testing/launch-app.ts'

const PAGE = 'app://saywire/index.html'

describe.skipIf(SKIPPED !== '')(`the window${SKIPPED}`, () => {
  it('is sandboxed, isolated, and has nothing of Node', async () => {
    await using app = await launchApp()
    const seen = await app.window.evaluate(() => ({
      url: location.href,
      globals: ['require', 'process', 'module', 'Buffer', 'global'].filter(
        (name) => name in window,
      ),
      bridge: Object.keys(
        (window as unknown as { saywireBridge: object }).saywireBridge,
      ).toSorted(),
    }))
    expect(seen).toEqual({ url: PAGE, globals: [], bridge: ['onMessage', 'send'] })
    const preferences = await app.electron.evaluate(({ webContents }) => {
      const [page] = webContents.getAllWebContents()
      return (page as unknown as { getLastWebPreferences(): object }).getLastWebPreferences()
    })
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    })
    expect(app.complaints).toEqual([])
  })

  it('loads nothing from elsewhere, and runs no code that is not its own', async () => {
    await using app = await launchApp()
    const blocked = await app.window.evaluate(async () => {
      const directives = new Set<string>()
      document.addEventListener('securitypolicyviolation', (event) => {
        directives.add(event.effectiveDirective)
      })
      const add = (tag: string, attributes: Record<string, string>) =>
        document.body.append(Object.assign(document.createElement(tag), attributes))
      add('script', { src: 'https://example.com/x.js' })
      add('script', { textContent: 'window.wasRun = true' })
      add('img', { src: 'https://example.com/x.png' })
      add('link', { rel: 'stylesheet', href: 'https://example.com/x.css' })
      await fetch('https://example.com/').catch(() => undefined)
      // Violations are told in tasks of their own.
      while (directives.size < 4) await new Promise((resolve) => setTimeout(resolve, 10))
      return { directives: [...directives].toSorted(), wasRun: 'wasRun' in window }
    })
    expect(blocked).toEqual({
      directives: ['connect-src', 'img-src', 'script-src-elem', 'style-src-elem'],
      wasRun: false,
    })
  })

  it('stays where it is, and opens no other window', async () => {
    await using app = await launchApp()
    const attempts = await app.electron.evaluateHandle(({ BrowserWindow }) => {
      const urls: string[] = []
      // After the app's own listener, so that its verdict is known.
      BrowserWindow.getAllWindows()[0]?.webContents.on('will-frame-navigate', (event) => {
        urls.push(`${event.defaultPrevented ? 'refused' : 'allowed'} ${event.url}`)
      })
      return urls
    })
    const opened = await app.window.evaluate(() => window.open('https://example.com/'))
    expect(opened).toBeNull()
    for (const address of ['https://example.com/', 'app://elsewhere/']) {
      await app.window.evaluate((url) => void (location.href = url), address)
      await expect.poll(() => attempts.jsonValue()).toContain(`refused ${address}`)
    }
    expect(app.window.url()).toBe(PAGE)
    const windows = await app.electron.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows(),
    )
    expect(windows).toHaveLength(1)
  })

  it('is given no permission, not even its own microphone', async () => {
    await using app = await launchApp({ args: ['--use-fake-device-for-media-stream'] })
    const refused = await app.window.evaluate(async () => {
      const nameOf = (error: unknown) => (error as Error).name
      return {
        microphone: await navigator.mediaDevices.getUserMedia({ audio: true }).then(String, nameOf),
        screen: await navigator.mediaDevices.getDisplayMedia().then(String, nameOf),
        notifications: await Notification.requestPermission(),
        clipboard: await navigator.clipboard.readText().then(String, nameOf),
      }
    })
    expect(refused).toEqual({
      microphone: 'NotAllowedError',
      screen: 'NotAllowedError',
      notifications: 'denied',
      clipboard: 'NotAllowedError',
    })
  })

  it('serves the files of the page, and nothing around them', async () => {
    await using app = await launchApp()
    const paths = [
      '/index.html',
      '/',
      '/../main/main.js',
      '/%2e%2e/main/main.js',
      '/..%2f..%2fpackage.json',
      '/%00',
      '/%',
    ]
    const answers = await app.electron.evaluate(
      async ({ net }, urls) => {
        const ask = async (url: string) => {
          const { status, headers } = await net.fetch(url)
          return { status, policy: headers.get('content-security-policy') }
        }
        return Promise.all(urls.map(ask))
      },
      [...paths.map((path) => `app://saywire${path}`), 'app://elsewhere/index.html'],
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404, 404, 404, 404, 404, 404])
    for (const { policy } of answers)
      expect(policy).toMatch(/^default-src 'none'; script-src 'self';/)
  })
})
