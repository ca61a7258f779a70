/* Files that a run left: where they are served, and how their sizes read. */
import { formatter, t } from "../texts.js";

const encoded = (name) => name.split("/").map(encodeURIComponent).join("/");
const base = (run) => `/api/runs/${encodeURIComponent(run)}`;

export const listOf = (run) => `${base(run)}/files`;
export const zipOf = (run) => `${base(run)}/files.zip`;
export const downloadOf = (run, name) => `${base(run)}/files/${encoded(name)}`;
export const previewOf = (run, name) => `${base(run)}/previews/${encoded(name)}`;
/** `version` tells pictures of one name apart that were made one after the other. */
export const pictureOf = (run, name, version) => `${base(run)}/pictures/${encoded(name)}?v=${version}`;

export const isPicture = (name) => /\.(png|jpe?g|gif|webp)$/i.test(name);

export function sizeOf(bytes) {
  const [value, unit] = bytes < 1000 ? [bytes, "byte"] : bytes < 1e6 ? [bytes / 1e3, "kilobyte"] : bytes < 1e9 ? [bytes / 1e6, "megabyte"] : [bytes / 1e9, "gigabyte"];
  const digits = unit === "byte" || value >= 10 ? 0 : 1;
  return formatter(Intl.NumberFormat, { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", maximumFractionDigits: digits }).format(value);
}

/** The JSON at an address. Throws an Error with the server's own sentence. */
export async function read(address, signal) {
  const answer = await fetch(address, { signal });
  const found = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(found.text || t("files.failed"));
  return found;
}
