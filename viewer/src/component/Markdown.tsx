/** Shows a description: Markdown, sanitised. Stands in for the component's own, whose rules allow more. */
import { renderMarkdown } from "@asyncapi/react-component/lib/esm/helpers/marked";
import { useMemo, type ReactNode } from "react";

import { plainText } from "./plainText";
import { sanitize } from "./sanitize";

export function Markdown({ children }: { children?: unknown }): ReactNode {
  const html = useMemo(
    () => (typeof children === "string" && children !== "" ? sanitize(renderMarkdown(children)) : undefined),
    [children],
  );
  if (html !== undefined) {
    return <div className="prose max-w-none text-sm" dangerouslySetInnerHTML={{ __html: html }} />;
  }
  return children === undefined || children === null || children === "" ? null : <>{plainText(children)}</>;
}

export default Markdown;
