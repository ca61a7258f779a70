/* Every text that a person sees, by key, from the catalogue that is built from studio/texts/. */
import catalogue from "./catalogue.js";

export const language = () => (typeof document === "undefined" ? "en" : document.documentElement.lang || "en");

/** The text of `key` with its {placeholders} filled in. An unknown key comes back as it is, so that it is seen. */
export function t(key, facts) {
  const text = catalogue[key];
  if (text === undefined) return key;
  return facts ? text.replace(/\{(\w+)\}/g, (whole, name) => (name in facts ? String(facts[name]) : whole)) : text;
}

const made = new Map();

/** One of Intl's formatters, such as `Intl.NumberFormat`, made once: making one takes a hundred times as long as using it. */
export function formatter(Format, options, locale = language()) {
  const key = `${Format.name} ${locale} ${JSON.stringify(options)}`;
  if (!made.has(key)) made.set(key, new Format(locale, options));
  return made.get(key);
}

/** The text for `count` things: `key.one`, `key.few`, `key.many` or `key.other`, as the language counts. */
export function counted(key, count, facts) {
  const form = formatter(Intl.PluralRules).select(count);
  const chosen = catalogue[`${key}.${form}`] === undefined ? `${key}.other` : `${key}.${form}`;
  return t(chosen, { count: whole(count), ...facts });
}

const WHOLE = { maximumFractionDigits: 0 };

/** 3210 → "3,210", as the language writes numbers. */
export const whole = (value) => (SHORT.test(value) ? String(value) : formatter(Intl.NumberFormat, WHOLE).format(value));
/** Written alike in all languages that the catalogue has; the first number that Intl writes costs a page 5 ms. */
const SHORT = /^\d{1,3}$/;

/** Dollars with as many digits as say something: 0.0042 → "$0.004", 1.5 → "$1.50". */
export function money(dollars) {
  const digits = dollars > 0 && dollars < 0.1 ? { maximumSignificantDigits: dollars < 0.01 ? 1 : 2 } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
  return formatter(Intl.NumberFormat, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", ...digits }).format(dollars);
}

/** What was spent, as far as it is known: "at least $0.004" where some calls have no known price, "" where none has. */
export function spending({ cost, unpriced }) {
  if (!cost) return "";
  return unpriced ? t("run.at_least", { amount: money(cost) }) : money(cost);
}

/** 41 → "0:41", 3700 → "1:01:40". */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value) => String(value).padStart(2, "0");
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** 1.84 → "1.8 s", 75 → "1:15". */
export const duration = (seconds) => (seconds < 60 ? t("time.seconds", { seconds: seconds.toFixed(1) }) : clock(seconds));
