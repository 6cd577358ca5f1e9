/** A link to a part of the document, at its heading: to be followed, or copied as any link is. */
import type { ReactNode } from "react";

export function LinkMark({ anchor, name }: { anchor: string; name: string }): ReactNode {
  return (
    <a className="mark" href={`#${encodeURIComponent(anchor)}`} aria-label={`Link to ${name}`}>
      #
    </a>
  );
}
