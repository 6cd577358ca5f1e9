/** Stands in for the component's error boundary, so that a crash reaches ours, which says more. */
import type { ReactNode } from "react";

export default function PassThrough({ children }: { children?: ReactNode }): ReactNode {
  return children;
}
