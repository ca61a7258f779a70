/* The one WebSocket of this tab: what is written while it is down is sent when it is back, and all that is watched goes on where it stopped. */

const PATH = "/api/channel";
const FIRST_WAIT = 300;
const LONGEST_WAIT = 8_000;
const PING_EVERY = 20_000;
const SILENCE = 45_000;

/** Frames that need not wait for the line: `watched()` says them anew. */
const WATCHES = /^(un)?watch/;

/** `onFrame(frame)` gets what the server sends, `onState("open" | "lost")` the connection, `watched()` → the frames that ask for all that is watched again. */
export function openChannel({ onFrame, onState, watched }) {
  let socket = null;
  let wait = FIRST_WAIT;
  let timer = null;
  let heard = 0;
  const waiting = [];

  function connect() {
    clearTimeout(timer);
    timer = null;
    if (socket) return;
    const url = new URL(PATH, window.location.origin);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const mine = (socket = new WebSocket(url));
    mine.onopen = () => {
      wait = FIRST_WAIT;
      heard = Date.now();
      for (const frame of watched()) mine.send(JSON.stringify(frame));
      for (const frame of waiting.splice(0)) mine.send(JSON.stringify(frame));
      onState("open");
    };
    mine.onmessage = (message) => {
      heard = Date.now();
      const frame = JSON.parse(message.data);
      if (frame.t !== "pong") onFrame(frame);
    };
    mine.onclose = () => drop(mine);
  }

  function drop(mine) {
    if (mine !== socket) return;
    socket = null;
    onState("lost");
    timer = setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }

  function retryNow() {
    if (!socket && document.visibilityState === "visible") connect();
  }

  window.addEventListener("online", retryNow);
  document.addEventListener("visibilitychange", retryNow);
  setInterval(() => {
    if (socket?.readyState !== WebSocket.OPEN) return;
    if (Date.now() - heard > SILENCE) {
      const mute = socket;
      drop(mute);
      mute.close();
    } else socket.send('{"t":"ping"}');
  }, PING_EVERY);
  connect();

  return {
    /** Sends a frame now, or as soon as the connection is back. */
    send(frame) {
      if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(frame));
      else if (!WATCHES.test(frame.t)) waiting.push(frame);
      if (!socket) connect();
    },
    isOpen: () => socket?.readyState === WebSocket.OPEN,
  };
}
