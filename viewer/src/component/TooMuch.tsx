/** Says, where something of a document would stand, that it is too much to show, and why. */
import type { ReactNode } from "react";

export function TooMuch({ children }: { children: ReactNode }): ReactNode {
  return <p className="too-much">{children}</p>;
}
