import type { IpcMainEvent, WebContents } from 'electron'
import { ipcMain } from 'electron'
import { RPC_CHANNEL } from './rpc-channel.ts'
import { isAppUrl } from './window-guard.ts'

/** One page's end of the contract; `receive` checks what it is given. */
export interface RpcConnection {
  receive(message: unknown): void
  close(): void
}

export type ConnectRpc = (send: (message: unknown) => void) => RpcConnection

/**
 * Connects the app's page, and only that, to the host. A reloaded page gets a connection of its own;
 * what the one before had asked for ends.
 */
export function openRpcPort(contents: WebContents, connect: ConnectRpc): () => void {
  let connection: RpcConnection | undefined
  const disconnect = () => {
    connection?.close()
    connection = undefined
  }
  const open = () =>
    connect((message) => {
      if (!contents.isDestroyed()) contents.send(RPC_CHANNEL, message)
    })
  const receive = (event: IpcMainEvent, message: unknown) => {
    if (!isFromPage(event, contents)) return
    connection ??= open()
    connection.receive(message)
  }
  ipcMain.on(RPC_CHANNEL, receive)
  contents.on('did-navigate', disconnect)
  contents.on('render-process-gone', disconnect)
  contents.once('destroyed', disconnect)
  return () => {
    ipcMain.off(RPC_CHANNEL, receive)
    disconnect()
  }
}

/** Neither another window, nor a frame within the page, nor a page of another origin. */
function isFromPage({ sender, senderFrame }: IpcMainEvent, contents: WebContents): boolean {
  return (
    sender === contents &&
    senderFrame !== null &&
    senderFrame === contents.mainFrame &&
    isAppUrl(senderFrame.url)
  )
}
