/* The few icons of the components, drawn on a 16 px grid in the colour of the text. */

const PATHS = {
  play: <path d="M4.5 2.8v10.4L13 8z" fill="currentColor" />,
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

/** An icon; it has no name of its own, the control around it says what it does. */
export function Icon({ name, size = 14 }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true" focusable="false">
      {PATHS[name]}
    </svg>
  );
}
