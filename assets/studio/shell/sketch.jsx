/* A flow as a small still picture: what it looks like before it is opened. */

export function Sketch({ sketch }) {
  if (!sketch?.boxes?.length) return <span className="sketch sketch-empty" aria-hidden="true" />;
  return (
    <svg className="sketch" viewBox={sketch.view} preserveAspectRatio="xMidYMid meet" aria-hidden="true">
      {sketch.boxes
        .filter((box) => box.look === "team")
        .map((box, index) => (
          <rect key={index} className="sketch-team" x={box.x} y={box.y} width={box.width} height={box.height} rx="12" />
        ))}
      {sketch.lines.map((line, index) => (
        <path key={index} className={`sketch-line ${line.look}`} d={line.path} />
      ))}
      {sketch.boxes
        .filter((box) => box.look !== "team")
        .map((box, index) => (
          <g key={index}>
            <rect className={`sketch-node ${box.look}`} x={box.x} y={box.y} width={box.width} height={box.height} rx="10" />
            {box.color && <circle cx={box.x + 22} cy={box.y + box.height / 2} r="8" style={{ fill: box.color }} />}
            <rect className="sketch-word" x={box.x + 40} y={box.y + box.height / 2 - 5} width={Math.min(box.width - 56, box.word)} height="10" rx="5" />
          </g>
        ))}
    </svg>
  );
}
