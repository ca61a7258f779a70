// What an agent is told of a page and does to it. Runs in a world of its own, whose values the page's scripts cannot reach.
// An element of the page called "convene" is no property of the world's own.
if (!Object.hasOwn(globalThis, "convene")) globalThis.convene = (() => {
  const CONTROLS =
    "a[href], area[href], button, input:not([type=hidden]), select, textarea, summary, [contenteditable=''], [contenteditable=true], [onclick], [tabindex]:not([tabindex='-1'])";
  const ROLES = new Set(
    "button checkbox combobox gridcell link listbox menuitem menuitemcheckbox menuitemradio option radio searchbox slider spinbutton switch tab textbox treeitem".split(" "),
  );
  const INPUTS = { button: "button", checkbox: "checkbox", color: "color", file: "file", image: "button", number: "spinbutton", radio: "radio", range: "slider", reset: "button", search: "searchbox", submit: "button" };
  const TAGS = { A: "link", AREA: "link", BUTTON: "button", SELECT: "combobox", SUMMARY: "button", TEXTAREA: "textbox" };
  const MOST_LOOKED_AT = 20000;

  let next = 1; // the number of whatever is numbered next; frames of one page count on from each other
  let looked = false;
  const elements = new Map();
  const numbers = new WeakMap();
  let overlay = null;

  const plain = (text, most) => {
    const found = String(text ?? "").replace(/\s+/g, " ").trim();
    return found.length > most ? `${found.slice(0, most - 1)}…` : found;
  };

  function* all(root, room = { left: MOST_LOOKED_AT }) {
    for (const element of root.querySelectorAll("*")) {
      if (--room.left < 0) return;
      yield element;
      if (element.shadowRoot) yield* all(element.shadowRoot, room);
    }
  }

  const roleOf = (element) => {
    const said = element.getAttribute("role");
    if (said && ROLES.has(said)) return said;
    if (element.tagName === "INPUT") return INPUTS[element.type] ?? "textbox";
    if (element.isContentEditable) return "textbox";
    return TAGS[element.tagName] ?? "control";
  };

  const nameOf = (element) => {
    const ids = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/).filter(Boolean).slice(0, 5);
    const by = ids.map((id) => element.getRootNode().getElementById?.(id)?.innerText ?? "").join(" ");
    if (by.trim()) return by;
    const labels = [...(element.labels ?? [])].slice(0, 3).map((label) => label.innerText).join(" ");
    const button = element.tagName === "INPUT" && INPUTS[element.type] === "button" ? element.value : "";
    const own = element.tagName === "SELECT" || element.tagName === "TEXTAREA" ? "" : element.innerText;
    return [element.getAttribute("aria-label"), labels, element.getAttribute("alt"), own, button, element.getAttribute("placeholder"), element.getAttribute("title"), element.querySelector?.("img[alt]")?.alt, element.getAttribute("name")]
      .find((each) => each?.trim()) ?? "";
  };

  const isUsable = (element) => {
    try {
      return isControl(element) && isShown(element);
    } catch {
      return false; // a form whose fields are called like what is asked of it
    }
  };
  const isControl = (element) => {
    if (element.matches(CONTROLS)) return true;
    const role = element.getAttribute("role");
    if (role && ROLES.has(role)) return true;
    // What only a listener makes clickable shows it by its cursor, and the outermost with that cursor is meant.
    if (getComputedStyle(element).cursor !== "pointer") return false;
    const parent = element.parentElement;
    return !parent || (getComputedStyle(parent).cursor !== "pointer" && !parent.closest("a[href], button"));
  };

  const boxOf = (element) => {
    const boxes = [...element.getClientRects()].filter((box) => box.width > 1 && box.height > 1);
    return boxes.find(inView) ?? boxes[0] ?? null;
  };
  // What of this document can be seen: of a frame, what the page around it shows of it.
  let pane = null;
  const seen = () => pane ?? { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  const inView = (box) => box.bottom > seen().top && box.right > seen().left && box.top < seen().bottom && box.left < seen().right;
  const middleOf = (box) => {
    const [left, right] = [Math.max(seen().left, box.left), Math.min(seen().right, box.right)];
    const [top, bottom] = [Math.max(seen().top, box.top), Math.min(seen().bottom, box.bottom)];
    return { x: (left + right) / 2, y: (top + bottom) / 2 };
  };
  const hitAt = ({ x, y }) => {
    let hit = document.elementFromPoint(x, y);
    while (hit?.shadowRoot) {
      const inner = hit.shadowRoot.elementFromPoint(x, y);
      if (!inner || inner === hit) break;
      hit = inner;
    }
    return hit;
  };
  const holds = (outer, inner) => {
    for (let each = inner; each; each = each.parentNode ?? each.host) if (each === outer) return true;
    return false;
  };
  const labelled = (element, hit) => [...(element.labels ?? [])].some((label) => holds(label, hit));
  const reachable = (element, box) => {
    const hit = hitAt(middleOf(box));
    return !hit || holds(element, hit) || holds(hit, element) || labelled(element, hit);
  };
  const isShown = (element) => {
    const style = getComputedStyle(element);
    return style.visibility !== "hidden" && style.display !== "none";
  };

  const numberOf = (element) => {
    if (!numbers.has(element)) {
      numbers.set(element, next);
      elements.set(next, element);
      next += 1;
    }
    return numbers.get(element);
  };

  const stateOf = (element) => {
    const said = [];
    if (element.disabled || element.getAttribute("aria-disabled") === "true") said.push("disabled");
    if (element.checked || element.getAttribute("aria-checked") === "true") said.push("checked");
    if (element.getAttribute("aria-expanded") === "true") said.push("open");
    if (element === document.activeElement) said.push("focused");
    return said.join(", ");
  };
  const valueOf = (element, most) => {
    if (element.type === "password") return element.value ? "•••" : "";
    if (element.tagName === "SELECT") return plain(element.selectedOptions[0]?.text, most);
    if (element.tagName === "TEXTAREA" || (element.tagName === "INPUT" && !["button", "checkbox", "radio", "file"].includes(INPUTS[element.type] ?? ""))) return plain(element.value, most);
    return "";
  };

  const controls = (most, longest) => {
    const found = [];
    const beyond = { above: 0, below: 0, more: 0 };
    for (const element of all(document)) {
      if (!isUsable(element)) continue;
      const box = boxOf(element);
      if (!box) continue;
      if (!inView(box)) {
        beyond[box.top < seen().top ? "above" : "below"] += 1;
        continue;
      }
      if (!reachable(element, box)) continue;
      if (found.length >= most) {
        beyond.more += 1;
        continue;
      }
      found.push({ number: numberOf(element), role: roleOf(element), name: plain(nameOf(element), longest), value: valueOf(element, longest), to: plain(element.href?.baseVal ?? element.href ?? "", 200), state: stateOf(element) });
    }
    return { found, ...beyond };
  };

  const BREAKS = new Set(["block", "flex", "grid", "table", "table-row", "list-item", "flow-root"]);
  const blockOf = (node) => {
    let each = node.parentElement;
    while (each && !BREAKS.has(getComputedStyle(each).display)) each = each.parentElement;
    return each;
  };
  const textInView = (most) => {
    let text = "";
    let block = null;
    let apart = false;
    let left = MOST_LOOKED_AT;
    const walk = (root) => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT);
      const range = document.createRange();
      while (walker.nextNode() && --left > 0 && text.length <= most) {
        const node = walker.currentNode;
        if (node.nodeType === Node.ELEMENT_NODE) {
          if (node.shadowRoot) walk(node.shadowRoot);
          continue;
        }
        const parent = node.parentElement;
        if (!node.nodeValue.trim()) apart = true;
        if (!node.nodeValue.trim() || !parent || /^(SCRIPT|STYLE|NOSCRIPT|TEMPLATE)$/.test(parent.tagName)) continue;
        range.selectNodeContents(node);
        if (![...range.getClientRects()].some((box) => box.width > 0 && box.height > 0 && inView(box)) || !isShown(parent)) continue;
        const around = blockOf(node);
        text += (text && around !== block ? "\n" : apart ? " " : "") + node.nodeValue.replace(/\s+/g, " ");
        block = around;
        apart = false;
      }
    };
    if (document.body) walk(document.body);
    return text.split("\n").map((line) => line.trim()).filter(Boolean).join("\n");
  };

  const scrollerOf = (element) => {
    for (let each = element; each && each !== document.body && each !== document.documentElement; each = each.parentElement ?? each.getRootNode().host)
      if (each.scrollHeight > each.clientHeight + 1 && /auto|scroll/.test(getComputedStyle(each).overflowY)) return each;
    return document.scrollingElement ?? document.documentElement;
  };

  return {
    /** What is seen of the page now, or of a frame: of that only what is within `shown`, with numbers from `from` on. */
    view: ({ most, longest, text, shown = null, from = 1 }) => {
      pane = shown;
      const fresh = !looked;
      looked = true;
      next = Math.max(next, from);
      const words = textInView(text);
      const whole = document.scrollingElement ?? document.documentElement;
      const found = controls(most, longest);
      return {
        fresh,
        next,
        title: plain(document.title, 200),
        url: location.href.slice(0, 2000),
        controls: found,
        text: words.slice(0, text),
        cut: words.length > text,
        top: Math.round(scrollY),
        height: innerHeight,
        whole: whole?.scrollHeight ?? 0,
      };
    },
    /** Numbers below this one are those of frames. */
    taken: (upto) => {
      next = Math.max(next, upto);
    },
    /** What lies at a place: whether it is a frame, and its words. */
    hit: (x, y) => {
      const hit = hitAt({ x, y });
      return { frame: !hit || /^(IFRAME|FRAME|OBJECT|EMBED)$/.test(hit.tagName), words: plain(hit?.innerText || hit?.tagName.toLowerCase(), 80) };
    },
    /** Brings an element into view, here and in the pages around. */
    show: (number) => elements.get(number)?.scrollIntoView({ block: "center", inline: "center", behavior: "instant" }),
    /** Brings an element into view. Tells where its middle is, and what it is; null when it is gone. `shown` is as for `view`. */
    place: (number, shown = null) => {
      const element = elements.get(number);
      pane = shown;
      if (!element?.isConnected) return null;
      if (!shown) element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
      const box = boxOf(element);
      if (!box || !inView(box) || !isShown(element)) return null;
      const hit = reachable(element, box) ? null : hitAt(middleOf(box));
      return { ...middleOf(box), tag: element.tagName, type: element.type ?? "", role: roleOf(element), name: plain(nameOf(element), 80), disabled: Boolean(element.disabled), covered: hit ? plain(hit.innerText || hit.tagName.toLowerCase(), 80) : "" };
    },
    /** Whether what has the focus is this element, or lies in it, or holds it. */
    focused: (number) => {
      const element = elements.get(number);
      const root = element?.getRootNode();
      const focus = root?.activeElement ?? document.activeElement;
      return Boolean(element && focus && (holds(element, focus) || (holds(focus, element) && focus.isContentEditable)));
    },
    select: (number) => {
      const element = elements.get(number);
      if (element.select) element.select();
      else getSelection().selectAllChildren(element);
    },
    /** Chooses an entry of a list by its words. Gives the entries when there is none like that. */
    choose: (number, wanted) => {
      const element = elements.get(number);
      const entries = [...element.options];
      const same = (text) => plain(text, 200).toLowerCase() === plain(wanted, 200).toLowerCase();
      const entry = entries.find((each) => same(each.text)) ?? entries.find((each) => same(each.value));
      if (!entry || entry.disabled) return entries.slice(0, 50).map((each) => plain(each.text, 80));
      element.value = entry.value;
      element.dispatchEvent(new Event("input", { bubbles: true }));
      element.dispatchEvent(new Event("change", { bubbles: true }));
      return null;
    },
    /** Scrolls by most of a screen: the page, or what holds an element. Tells whether anything moved; null when the element is gone. */
    scroll: (number, down) => {
      const element = number === null ? null : elements.get(number);
      if (number !== null && !element?.isConnected) return null;
      const scroller = scrollerOf(element);
      const before = scroller.scrollTop;
      scroller.scrollBy({ top: (down ? 0.9 : -0.9) * (scroller === document.scrollingElement ? innerHeight : scroller.clientHeight), behavior: "instant" });
      return scroller.scrollTop !== before;
    },
    source: (most) => document.documentElement?.outerHTML.slice(0, most) ?? "",
    /** Waits until nothing of the page changed for `still` milliseconds, `most` at most. */
    quiet: (still, most) =>
      new Promise((done) => {
        const end = () => {
          observer.disconnect();
          done(true);
        };
        let timer = setTimeout(end, still);
        const observer = new MutationObserver(() => {
          clearTimeout(timer);
          timer = setTimeout(end, still);
        });
        observer.observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
        setTimeout(end, most);
      }),
    /** Draws the numbers over what can be used, where no style of the page reaches them. */
    mark: (shown) => {
      globalThis.convene.unmark();
      overlay = document.createElement("div");
      overlay.style.cssText = "all: initial; position: fixed; inset: 0; width: 100%; height: 100%; margin: 0; padding: 0; border: 0; background: none; overflow: hidden; pointer-events: none; z-index: 2147483647";
      const inside = overlay.attachShadow({ mode: "closed" });
      for (const number of shown) {
        const element = elements.get(number);
        const box = element?.isConnected ? boxOf(element) : null;
        if (!box || !inView(box)) continue;
        const color = `hsl(${(number * 67) % 360} 80% 34%)`;
        const frame = document.createElement("div");
        frame.style.cssText = `position: absolute; box-sizing: border-box; left: ${box.left}px; top: ${box.top}px; width: ${box.width}px; height: ${box.height}px; border: 2px solid ${color}`;
        const label = document.createElement("div");
        label.textContent = String(number);
        label.style.cssText = `position: absolute; left: ${Math.max(0, box.left - 2)}px; top: ${Math.max(0, box.top - 14)}px; padding: 0 3px; background: ${color}; color: white; font: bold 12px/14px sans-serif`;
        inside.append(frame, label);
      }
      document.documentElement?.append(overlay);
      try {
        overlay.popover = "manual";
        overlay.showPopover(); // above dialogs, which lie above everything else
      } catch {
        // an older browser: beneath dialogs
      }
    },
    unmark: () => {
      overlay?.remove();
      overlay = null;
    },
  };
})();
