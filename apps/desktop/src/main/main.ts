// The app's entry. Whatever goes wrong before there is a window is told in a dialog; native parts
// that do not fit this system fail here, while they are loaded.
import { app, dialog } from 'electron'

process.on('uncaughtException', tell)
try {
  // What must happen before the app is ready happens while this is awaited.
  const { runApp } = await import('./app.ts')
  runApp().catch(tell)
} catch (error) {
  tell(error)
}

function tell(error: unknown): void {
  const reason = error instanceof Error ? error.message : String(error)
  dialog.showErrorBox(
    'Saywire cannot start',
    `Install Saywire again; if that does not help, report this:\n\n${reason}`,
  )
  app.exit(1)
}
