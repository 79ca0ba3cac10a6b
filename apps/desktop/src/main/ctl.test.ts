import { expect, it } from 'vitest'
import { ctlCommandOf } from './ctl.ts'

it.each([
  [true, '/opt/Saywire/saywire', '/opt/Saywire/saywire ctl'],
  [
    true,
    'C:\\Program Files\\Saywire\\Saywire.exe',
    '"C:\\Program Files\\Saywire\\Saywire.exe" ctl',
  ],
  [false, '/home/sam/electron', 'npm --prefix /home/sam/saywire run -s saywire -- ctl'],
])(
  'a keyboard tool is given a command that exists (packaged: %s)',
  (isPackaged, executable, command) => {
    const appPath = '/home/sam/saywire/apps/desktop'
    expect(ctlCommandOf({ isPackaged, executable, appPath })).toBe(command)
  },
)
