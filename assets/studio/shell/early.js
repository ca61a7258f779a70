/* Runs before everything else: keeps what is clicked and pressed until the page is alive (alive.jsx), then does it once and in order. */
(() => {
  const LONGEST = 30_000;
  const MOST = 300;
  const OPENS_WITHIN = 4_000;
  const CONTROLS = 'button, summary, [role="button"], [role^="menuitem"], [role="tab"], [role="option"]';
  const TEXTS = 'input:not([type="checkbox"], [type="radio"], [type="button"], [type="range"], [type="file"]), textarea, [contenteditable="true"]';
  const COMMANDS = ["k", "Enter"];
  const EDITS = ["a", "d", "y", "z"];
  const IN_TEXT = ["Enter", "Escape", "Backspace", " "];

  const root = document.documentElement;
  const held = [];
  const written = new Set();
  let playing = false;
  let asleep = 0;

  const isAlive = () => root.hasAttribute("data-alive");
  const isWaiting = () => playing || (!isAlive() && performance.now() - asleep < LONGEST);
  const isText = (element) => Boolean(element?.closest?.(TEXTS));
  const keyOf = (event) => (event.key.length === 1 ? event.key.toLowerCase() : event.key);
  /* Keys that lead into a text: what is typed after them belongs there. */
  const isOpener = (key) => (key.ctrlKey || key.metaKey ? COMMANDS.includes(keyOf(key)) : key.key === "/");
  const pause = (milliseconds = 0) => new Promise((resolve) => setTimeout(resolve, milliseconds));

  function hold(event, what) {
    event.preventDefault();
    event.stopImmediatePropagation();
    if (held.length < MOST) held.push(what);
    root.toggleAttribute("data-held", true);
  }

  /* Keys that the studio has a use for; all others stay the browser's. */
  function isOurs(event) {
    const key = keyOf(event);
    const text = isText(event.target);
    if (event.altKey) return false;
    if (event.ctrlKey || event.metaKey) return COMMANDS.includes(key) || (!text && EDITS.includes(key));
    if (text) return playing && (key.length === 1 || IN_TEXT.includes(key));
    if (IN_TEXT.includes(key)) return held.some((one) => one.key) && !event.target.closest?.(`${CONTROLS}, a`);
    return key.length === 1;
  }

  function onKey(event) {
    if (!event.isTrusted || event.isComposing || event.key === undefined) return;
    // The box that Ctrl+K opens needs an answer of the server: what is typed until then belongs into it.
    const opens = (event.ctrlKey || event.metaKey) && keyOf(event) === "k" && !event.altKey && !event.shiftKey && !document.querySelector("dialog[open]");
    if (!opens && !(isWaiting() && isOurs(event))) return;
    const { key, code, ctrlKey, metaKey, shiftKey } = event;
    hold(event, { key: { key, code, ctrlKey, metaKey, shiftKey, bubbles: true, cancelable: true } });
    if (isAlive()) play();
  }

  function onClick(event) {
    const control = event.isTrusted && isWaiting() && event.target.closest?.(CONTROLS);
    if (!control || control.disabled) return;
    hold(event, { click: control });
    if (isAlive()) play();
  }

  async function play() {
    if (playing) return;
    playing = true;
    // Whoever said that it is there may have other listeners to attach in the same breath.
    await pause();
    // A click may have led to a page that is still coming: what follows waits for it.
    while (held.length && (isAlive() || performance.now() - asleep >= LONGEST)) {
      const { click, key } = held.shift();
      if (click) (click.isConnected ? click : twin(click))?.click();
      else await press(key);
      await pause();
    }
    playing = false;
    root.toggleAttribute("data-held", held.length > 0);
  }

  async function press(key) {
    const before = document.activeElement;
    const isTaken = !(before ?? document.body).dispatchEvent(new KeyboardEvent("keydown", key));
    if (isOpener(key) && isTaken) await focusMoves(before);
    if (!isTaken && key.key === "Escape") document.querySelector("dialog[open]")?.requestClose?.();
    if (isTaken || key.ctrlKey || key.metaKey || !isText(document.activeElement)) return;
    if (key.key.length === 1) document.execCommand("insertText", false, key.key);
    else if (key.key === "Backspace") document.execCommand("delete");
  }

  async function focusMoves(before) {
    const end = performance.now() + OPENS_WITHIN;
    while (performance.now() < end && (document.activeElement === before || !isText(document.activeElement))) await pause(15);
  }

  const nameOf = (element) => element.dataset.testid || element.getAttribute("aria-label") || element.textContent;

  /* The control that stands where another one stood that is gone. */
  function twin(control) {
    return [...document.querySelectorAll(control.tagName)].find((one) => nameOf(one) === nameOf(control));
  }

  /* React believes that a field holds what it held when the page came alive; it hears of a change only from there. */
  function tell(field) {
    const { value } = field;
    if (!field.isConnected || !value) return;
    field.value = "";
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function onWrite(event) {
    if (event.isTrusted && "value" in event.target) written.add(event.target);
  }

  function onAlive() {
    window.removeEventListener("input", onWrite, true);
    for (const field of written) tell(field);
    written.clear();
    play();
  }

  window.addEventListener("keydown", onKey, true);
  window.addEventListener("click", onClick, true);
  window.addEventListener("input", onWrite, true);
  document.addEventListener("studio:alive", onAlive);
  document.addEventListener("studio:asleep", () => {
    asleep = performance.now();
  });
  // Whatever never came, what is held is not kept for ever.
  setInterval(() => held.length && !isAlive() && performance.now() - asleep >= LONGEST && play(), LONGEST / 10);
})();
