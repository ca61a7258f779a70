/* The few icons of the components, drawn on a 16 px grid in the colour of the text. */

const PATHS = {
  play: <path d="M4.5 2.8v10.4L13 8z" fill="currentColor" />,
  pause: <path d="M4.5 3.2h2.4v9.6H4.5zM9.1 3.2h2.4v9.6H9.1z" fill="currentColor" />,
  stop: <rect x="3.5" y="3.5" width="9" height="9" rx="1.5" fill="currentColor" />,
  back: <path d="M10 3.5 5.5 8l4.5 4.5" />,
  forward: <path d="M6 3.5 10.5 8 6 12.5" />,
  end: <path d="M4.5 3.5 9 8l-4.5 4.5M11.5 3.5v9" />,
  warning: <path d="M8 2.2 14.6 13.4H1.4zM8 6.6v3M8 11.4v.2" />,
  info: <path d="M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 7.3v3.6M8 5v.2" />,
  down: <path d="M8 3v9.5M4 8.8l4 4 4-4" />,
  copy: <path d="M5.5 5.5h7v7h-7zM3.5 10.5h-1v-8h8v1" />,
  check: <path d="m3 8.5 3.2 3.2L13 4.8" />,
  download: <path d="M8 2.5v7.2M4.8 6.8 8 10l3.2-3.2M3 13h10" />,
  close: <path d="m4 4 8 8M12 4l-8 8" />,
  plus: <path d="M8 3v10M3 8h10" />,
  minus: <path d="M3 8h10" />,
  search: <path d="M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4zM10.2 10.2 13.5 13.5" />,
  enter: <path d="M12.5 4v3.5a1.5 1.5 0 0 1-1.5 1.5H4M6.5 6.2 3.7 9l2.8 2.8" />,
};

/** What each kind looks like in palette and canvas; a kind without a picture of its own has that of its category. */
const KINDS = {
  assistant: <path d="M3 3.5h10v7H7.5L4.5 13v-2.5H3z" />,
  human: <path d="M8 2.5a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2zM3 13.5c.4-2.6 2.4-4 5-4s4.6 1.4 5 4" />,
  code_runner: <path d="M2.5 3h11v10h-11zM5 6.2 7 8l-2 1.8M8.5 10.2H11" />,
  python_agent: <path d="M6 3.5C4.6 3.5 4.4 4.3 4.4 5.5S4 8 3 8c1 0 1.4 1.3 1.4 2.5s.2 2 1.6 2M10 3.5c1.4 0 1.6.8 1.6 2S12 8 13 8c-1 0-1.4 1.3-1.4 2.5s-.2 2-1.6 2" />,
  retrieval_agent: <path d="M3.5 2.5h6L12 5v3M3.5 2.5v11h4M10.2 8.8a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM11.7 12.3l1.6 1.6" />,
  team: <path d="M8 2.5v2.6M13 10.5l-2.2-1.3M3 10.5l2.2-1.3M8 5.1A2.9 2.9 0 1 1 8 10.9 2.9 2.9 0 0 1 8 5.1z" />,
  round_robin: <path d="M13 8a5 5 0 1 1-1.5-3.6M13 2.5v2.4h-2.4" />,
  model_choice: <path d="M2.5 8h4M6.5 8l4-4.5h3M6.5 8l4 4.5h3" />,
  swarm: <path d="M2.5 6h8.5M8.5 3.5 11 6 8.5 8.5M13.5 10.5H5M7.5 8 5 10.5 7.5 13" />,
  graph: <path d="M2.5 8h2.4M4.9 8l3-4h2.4M4.9 8l3 4h2.4M10.3 2.8h2.9v2.4h-2.9zM10.3 10.8h2.9v2.4h-2.9z" />,
  planner: <path d="M3.5 2.5h9v11h-9zM5.5 5.5l.8.8 1.4-1.6M9 5.5h1.7M5.5 9.5l.8.8 1.4-1.6M9 9.8h1.7" />,
  follow_edges: <path d="M2.5 4.5h5v7h6M11 9l2.5 2.5L11 14" />,
  sequence: <path d="M2.5 8h11M10.5 5l3 3-3 3M5 5.5v5M8 5.5v5" />,
  random_choice: <path d="M2.5 11.5h2l6-7h3M11.5 2.5l2 2-2 2M2.5 4.5h2l1.4 1.6M8.8 9.5l1.7 2h3M11.5 9.5l2 2-2 2" />,
  manual: <path d="M5.5 7V3.4a1 1 0 0 1 2 0v3.4l4 .9c.9.2 1.3.8 1.1 1.7l-.7 4H6.4L3.6 9.6c.7-.8 1.4-.7 1.9 0" />,
  function_choice: <path d="M10.8 3.2c-1.7-.6-2.5.2-2.8 2l-1 6c-.3 1.5-1 2-2.2 1.6M5.2 7h5" />,
  society: <path d="M2.5 3h11v8h-5L5.5 13.5V11h-3zM5.5 7h.1M8 7h.1M10.5 7h.1" />,
  filter: <path d="M2.5 3h11L9.3 8.2v4.3l-2.6 1V8.2z" />,
  chat: <path d="M2.5 3h7.5v5.5H6L4 10.5v-2H2.5zM12 6h1.5v5.5H12v2l-2-2H6.5" />,
  web_search: <path d="M7 2.8a4.2 4.2 0 1 1 0 8.4 4.2 4.2 0 0 1 0-8.4zM10.2 10.2 13.5 13.5M2.8 7h8.4M7 2.8c1.300 1.100 1.900 2.500 1.900 4.200s-.6 3.100-1.900 4.200M7 2.8C5.700 3.900 5.100 5.300 5.100 7s.6 3.100 1.900 4.200" />,
  web_browser: <path d="M13.500 7V3.200h-11v9.600h5M2.500 6h11M4.300 4.600h.1M6 4.600h.1M8.700 8.200l5 1.900-2.200.9-.9 2.200z" />,
  web_page: <path d="M2.5 3.200h11v9.600h-11zM2.5 6h11M5 9h6M5 11h4M4.300 4.600h.1M6 4.600h.1" />,
  http_tool: <path d="M2.5 5.500h9.500M9.500 3 12 5.500 9.500 8M13.500 10.500H4M6.500 8 4 10.500 6.500 13" />,
  openapi_tool: <path d="M5.500 3C4 3 4 4 4 5.500S3.500 8 2.500 8C3.500 8 4 9 4 10.500S4 13 5.500 13M10.500 3C12 3 12 4 12 5.500S12.500 8 13.500 8C12.500 8 12 9 12 10.500S12 13 10.500 13M6.500 8h.1M9.400 8h.1" />,
  files: <path d="M2.5 4h4l1.300 1.600h5.700v7h-11z" />,
  video: <path d="M2.5 4.500h7.500v7h-7.500zM10 7.200l3.500-1.900v5.400L10 8.800M4.300 6.300h.1" />,
  expert_team: <path d="M7 2.5a1.8 1.8 0 1 1 0 3.6 1.8 1.8 0 0 1 0-3.6zM2.5 13v-1.500c0-1.900 1.500-3.200 3.500-3.200h2c.7 0 1.300.2 1.900.5M11.500 9.500v4M9.500 11.500h4" />,
  shell: <path d="M2.5 3h11v10h-11zM5 6l2.200 2L5 10M8.500 10.300h2.800" />,
};

const CATEGORIES = {
  agent: KINDS.assistant,
  team: KINDS.team,
  model: <path d="M8 2.5 13 5.2v5.6L8 13.5 3 10.8V5.2zM8 8l5-2.8M8 8v5.5M8 8 3 5.2" />,
  tool: <path d="M10.2 2.8a3.2 3.2 0 0 0-2.9 4.5L2.8 11.8l1.4 1.4 4.5-4.5a3.2 3.2 0 0 0 4.4-3.9l-1.9 1.8-1.8-1.8z" />,
  memory: <path d="M8 2.8c2.9 0 4.8.9 4.8 2s-1.9 2-4.8 2-4.8-.9-4.8-2 1.9-2 4.8-2zM3.2 4.800v6.400c0 1.1 1.9 2 4.8 2s4.8-.9 4.8-2V4.800M3.2 8c0 1.1 1.9 2 4.8 2s4.8-.9 4.8-2" />,
  condition: <path d="M5.6 2.5h4.800l3.1 3.100v4.800l-3.1 3.100H5.600L2.5 10.400V5.600z" />,
  note: <path d="M3.5 2.800h9v7l-3 3.400h-6zM9.5 13.200V9.800h3" />,
};

/** The picture of a kind, or of its category. */
export function KindIcon({ kind, category, size = 14 }) {
  return (
    <svg className="kind-icon" width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.3" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      {KINDS[kind] ?? CATEGORIES[category] ?? CATEGORIES.note}
    </svg>
  );
}

/** An icon; it has no name of its own, the control around it says what it does. */
export function Icon({ name, size = 14 }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      {PATHS[name]}
    </svg>
  );
}
