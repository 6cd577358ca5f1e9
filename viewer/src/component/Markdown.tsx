/** Shows a description: Markdown, sanitised. Stands in for the component's own, whose rules allow more. */
import { renderMarkdown } from "@asyncapi/react-component/lib/esm/helpers/marked";
import { useMemo, type ReactNode } from "react";

import { plainText } from "./plainText";
import { sanitize } from "./sanitize";

/** A channel is described at each of its operations: its words are read once. */
const known = new Map<string, string>();
const MOST = 2_000;

function htmlOf(text: string): string {
  const html = known.get(text) ?? sanitize(renderMarkdown(text));
  if (known.size < MOST) known.set(text, html);
  return html;
}

export function Markdown({ children }: { children?: unknown }): ReactNode {
  const html = useMemo(
    () => (typeof children === "string" && children !== "" ? htmlOf(children) : undefined),
    [children],
  );
  if (html !== undefined) {
    return <div className="prose max-w-none text-sm" dangerouslySetInnerHTML={{ __html: html }} />;
  }
  return children === undefined || children === null || children === "" ? null : <>{plainText(children)}</>;
}

export default Markdown;
