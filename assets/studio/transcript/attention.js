/* A waiting question in the title and the icon of the tab, so that it is seen from another one. */
import { useEffect } from "react";

const MARK = "● ";

/** Marks the tab with `text` while it is not empty; puts back what was there. */
export function useAttention(text) {
  useEffect(() => {
    if (!text) return undefined;
    const before = document.title;
    const mark = `${MARK}${text}`;
    document.title = mark;
    const icons = [...document.querySelectorAll('link[rel~="icon"]')].map((link) => [link, link.href]);
    for (const [link] of icons) link.href = "/studio/asks.svg";
    const observer = new MutationObserver(() => {
      if (document.title !== mark) document.title = mark;
    });
    const title = document.querySelector("title");
    if (title) observer.observe(title, { childList: true, characterData: true, subtree: true });
    return () => {
      observer.disconnect();
      if (document.title === mark) document.title = before;
      for (const [link, href] of icons) link.href = href;
    };
  }, [text]);
}
