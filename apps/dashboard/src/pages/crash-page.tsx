/** In place of everything, after a fault of this page. Uses nothing that may be at fault, too. */
export function CrashPage() {
  return (
    <main>
      <div className="narrow" role="alert">
        <h1>Something went wrong on this page</h1>
        <div className="panel">
          <p>Your credit and your sessions are not affected: the server keeps them.</p>
          <button type="button" className="button primary" onClick={() => location.reload()}>
            Load the page again
          </button>
        </div>
      </div>
    </main>
  )
}
