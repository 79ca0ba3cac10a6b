/** Captions are made by another process: they go on while this window is mended. */
export function CrashScreen() {
  return (
    <main className="splash" role="alert">
      <h1>This window met a fault.</h1>
      <p>Captions that were running still run. Reload to see them again.</p>
      <p>
        <button type="button" className="button primary" onClick={() => location.reload()}>
          Reload
        </button>
      </p>
    </main>
  )
}
