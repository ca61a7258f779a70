/* Brings the two font families into the bundle, so that no page asks another server for them. */
import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";

export function Fonts() {
  return null;
}
