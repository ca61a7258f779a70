/* A flow's picture as PNG: drawn by the browser from the SVG, with the flow in a chunk of its own, as the server reads it. */

const SCALE = 2;
const MAX_SIDE = 8_000;
const MAX_PIXELS = 16_000_000;
const PATIENCE = 30_000;
const KEYWORD = "convene.flow";

const CRC = Array.from({ length: 256 }, (_, at) => {
  let value = at;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

/** The checksum of a PNG chunk: of its kind and its content. */
function crc(bytes) {
  let value = 0xffffffff;
  for (const byte of bytes) value = CRC[(value ^ byte) & 0xff] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}

/** The bytes of a PNG with the flow, which is ASCII, in an iTXt chunk right before its end. */
function withFlow(png, flow) {
  const ascii = (text) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const content = ascii(`iTXt${KEYWORD}\0\0\0\0\0${flow}`);
  const chunk = new Uint8Array(content.length + 8);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, content.length - 4);
  chunk.set(content, 4);
  view.setUint32(content.length + 4, crc(content));
  const end = png.length - 12;
  const whole = new Uint8Array(png.length + chunk.length);
  whole.set(png.subarray(0, end));
  whole.set(chunk, end);
  whole.set(png.subarray(end), end + chunk.length);
  return whole;
}

/** The PNG of the SVG at an address. Throws when there is none or it cannot be drawn. */
async function pngOf(address) {
  const answer = await fetch(address, { credentials: "same-origin", signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok) throw new Error(`picture ${answer.status}`);
  const svg = await answer.text();
  const flow = /<metadata id="convene-flow">([^<]*)<\/metadata>/.exec(svg)?.[1] ?? "";
  const source = URL.createObjectURL(new Blob([svg], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = source;
    await image.decode();
    const { naturalWidth: width, naturalHeight: height } = image;
    const scale = Math.min(SCALE, MAX_SIDE / Math.max(width, height), Math.sqrt(MAX_PIXELS / (width * height)));
    const board = document.createElement("canvas");
    board.width = Math.max(1, Math.floor(width * scale));
    board.height = Math.max(1, Math.floor(height * scale));
    board.getContext("2d").drawImage(image, 0, 0, board.width, board.height);
    const drawn = await new Promise((resolve) => board.toBlob(resolve, "image/png"));
    if (!drawn) throw new Error("no picture");
    const bytes = new Uint8Array(await drawn.arrayBuffer());
    return flow ? withFlow(bytes, flow) : bytes;
  } finally {
    URL.revokeObjectURL(source);
  }
}

/** Puts the PNG of the SVG at an address into the downloads. */
export async function download(address, filename) {
  const file = URL.createObjectURL(new Blob([await pngOf(address)], { type: "image/png" }));
  const link = Object.assign(document.createElement("a"), { href: file, download: filename });
  link.click();
  setTimeout(() => URL.revokeObjectURL(file), PATIENCE);
}
