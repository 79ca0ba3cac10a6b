import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Menu, nativeImage, Tray } from 'electron'
import type { DesktopState } from '../api/desktop-state.ts'
import type { TrayState, TrayView } from './tray-state.ts'
import { trayView } from './tray-state.ts'

export interface TrayActions {
  toggle(): void
  mute(muted: boolean): void
  show(): void
  quit(): void
}

/** The icon beside the clock: its picture tells the state, its menu does what matters most. */
export function createTray(iconFolder: string, actions: TrayActions) {
  const icon = (state: TrayState) => {
    // Names that end in Template are coloured by macOS to fit its menu bar.
    const suffix = process.platform === 'darwin' ? '-Template' : ''
    return nativeImage.createFromPath(join(iconFolder, `tray-${state}${suffix}.png`))
  }
  const tray = new Tray(icon('idle'))
  tray.on('click', actions.show)
  let shown: TrayView | undefined

  function menuFor({ isRunning, isMuted, canStart }: TrayView): Menu {
    return Menu.buildFromTemplate([
      {
        label: isRunning ? 'Stop captions' : 'Start captions',
        enabled: isRunning || canStart,
        click: actions.toggle,
      },
      {
        label: 'Mute',
        type: 'checkbox',
        checked: isMuted,
        enabled: isRunning,
        click: () => actions.mute(!isMuted),
      },
      { type: 'separator' },
      { label: 'Show Saywire', click: actions.show },
      { label: 'Quit', click: actions.quit },
    ])
  }

  return {
    /** Cheap where nothing that it shows has changed. */
    show(state: DesktopState): void {
      const view = trayView(state)
      if (isDeepStrictEqual(view, shown)) return
      if (view.state !== shown?.state) tray.setImage(icon(view.state))
      shown = view
      tray.setToolTip(view.toolTip)
      tray.setContextMenu(menuFor(view))
    },
    close: () => tray.destroy(),
  }
}
