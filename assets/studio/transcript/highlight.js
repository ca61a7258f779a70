/* Code coloured by the languages that agents write most. */
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import css from "highlight.js/lib/languages/css";
import diff from "highlight.js/lib/languages/diff";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import python from "highlight.js/lib/languages/python";
import sql from "highlight.js/lib/languages/sql";
import xml from "highlight.js/lib/languages/xml";
import yaml from "highlight.js/lib/languages/yaml";

const LANGUAGES = { bash, css, diff, javascript, json, python, sql, xml, yaml };
let isReady = false;

/** The languages are made for the first code that is coloured: a page without any is there 10 ms sooner. */
function makeLanguages() {
  isReady = true;
  for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);
  hljs.registerAliases(["sh", "shell", "console", "zsh", "powershell", "ps1", "pwsh"], { languageName: "bash" });
  hljs.registerAliases(["ts", "typescript", "tsx", "jsx"], { languageName: "javascript" });
}

const MOST_COLOURED = 60_000;

/** A node with the code in it, coloured where the language is known. highlight.js escapes what it is given. */
export function highlighted(source, language) {
  if (language && !isReady) makeLanguages();
  const known = hljs.getLanguage(language);
  if (!known || source.length > MOST_COLOURED) return document.createTextNode(source);
  const holder = document.createElement("template");
  holder.innerHTML = hljs.highlight(source, { language, ignoreIllegals: true }).value;
  return holder.content;
}
