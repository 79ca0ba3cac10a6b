// The app's entry. Whatever goes wrong before there is a window is told in a dialog; native parts
// that do not fit this system fail here, while they are loaded.
import { app, dialog } from 'electron'

process.on('uncaughtException', tell)
try {
  // What must happen before the app is ready happens while this is awaited.
  const { runApp } = await import('./app.ts')
  // From then on, captions are worth more than a clean end.
  runApp().then(() => process.off('uncaughtException', tell), tell)
} catch (error) {
  tell(error)
}

function tell(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  // For who started it from a terminal; the dialog waits for somebody to read it.
  process.stderr.write(`Saywire cannot start: ${error instanceof Error ? error.stack : reason}\n`)
  dialog.showErrorBox(
    'Saywire cannot start',
    `Install Saywire again; if that does not help, report this:\n\n${reason}`,
  )
  app.exit(1)
}
