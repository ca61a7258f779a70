/* A waiting question in the title and the icon of the tab, so that it is seen from another one. */
import { useEffect } from "react";

/** Marks the tab with `text` while it is not empty; puts back what was there. */
export function useAttention(text) {
  useEffect(() => {
    if (!text) return undefined;
    const before = document.title;
    document.title = text;
    const icons = [...document.querySelectorAll('link[rel~="icon"]')].map((link) => [link, link.href]);
    for (const [link] of icons) link.href = "/studio/asks.svg";
    const observer = new MutationObserver(() => {
      if (document.title !== text) document.title = text;
    });
    const title = document.querySelector("title");
    if (title) observer.observe(title, { childList: true, characterData: true, subtree: true });
    return () => {
      observer.disconnect();
      if (document.title === text) document.title = before;
      for (const [link, href] of icons) link.href = href;
    };
  }, [text]);
}
