/* What browsers report as an error and is none. Loaded with the first page, before Reflex listens and tells the server of every error. */

// Whatever grows while it is measured (a node that speaks, an entry that comes into view) is measured again in the next frame.
// Pages are written once before there is a browser: then there is no window.
globalThis.window?.addEventListener("error", (event) => {
  if (event.message?.startsWith("ResizeObserver loop")) event.stopImmediatePropagation();
});
