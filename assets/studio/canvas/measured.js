/* Where the ports of what is drawn are: React Flow measures a node once, and wires that lead to one without ports are not drawn. */
import { useEffect } from "react";
import { useUpdateNodeInternals } from "@xyflow/react";

/** Lets nodes be measured again whose ports were forgotten: they are when a node is replaced in the very frame in which it is measured. */
export function useMeasured(flow, nodes) {
  const measure = useUpdateNodeInternals();
  useEffect(() => {
    const forgotten = nodes.filter((node) => node.measured?.width && !flow.getInternalNode(node.id)?.internals.handleBounds);
    if (forgotten.length) measure(forgotten.map((node) => node.id));
  }, [flow, measure, nodes]);
}
