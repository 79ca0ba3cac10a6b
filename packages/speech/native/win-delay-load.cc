// Windows only: the addon's imports name node.exe, but Electron's host has another name. Node's
// symbols are therefore taken from the program that runs, whatever it is called.
#include <windows.h>

#include <delayimp.h>
#include <string.h>

static FARPROC WINAPI UseRunningProgram(unsigned int event, DelayLoadInfo* info) {
  if (event != dliNotePreLoadLibrary || _stricmp(info->szDll, "node.exe") != 0) return nullptr;
  return reinterpret_cast<FARPROC>(GetModuleHandle(nullptr));
}

decltype(__pfnDliNotifyHook2) __pfnDliNotifyHook2 = UseRunningProgram;
