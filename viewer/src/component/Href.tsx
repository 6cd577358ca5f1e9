/** A link out of a document. Where the address could run something it shows the words without the link. */
import type { ReactNode } from "react";

import { linkAddress } from "./urls";

interface Props {
  href?: string;
  title?: string;
  className?: string;
  children?: ReactNode;
}

export function Href({ href, title, className, children }: Props): ReactNode {
  const address = linkAddress(href);
  if (address === undefined) return <span className={className}>{children}</span>;
  const note = title ? `${title} (opens in a new window)` : "Opens in a new window";
  return (
    <a href={address} title={note} className={className} target="_blank" rel="nofollow noopener noreferrer">
      {children}
    </a>
  );
}

export default Href;
