// All that the page can reach of the app: one channel for messages, which the main process checks.
import { contextBridge, ipcRenderer } from 'electron'
import type { IpcRendererEvent } from 'electron'
import { RPC_CHANNEL } from '../main/rpc-channel.ts'

contextBridge.exposeInMainWorld('saywireBridge', {
  send(message: unknown): void {
    ipcRenderer.send(RPC_CHANNEL, message)
  },
  onMessage(listener: (message: unknown) => void): void {
    ipcRenderer.on(RPC_CHANNEL, (_event: IpcRendererEvent, message: unknown) => listener(message))
  },
})
