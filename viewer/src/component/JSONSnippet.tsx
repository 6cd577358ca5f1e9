/** Shows an example as highlighted JSON. The component's own sends text examples through Markdown, which alters them. */
import { useMemo, type ReactNode } from "react";

import { draw } from "./drawn";
import { highlighted } from "./highlighter";
import { printed } from "./printed";
import { TooMuch } from "./TooMuch";

/** What a snippet costs to draw, beside a field of a schema. */
const COST = 5;

export function JSONSnippet({ snippet }: { snippet?: unknown }): ReactNode {
  const { html, cut } = useMemo(() => {
    const { text, cut } = printed(snippet);
    return { html: highlighted(text, "json") ?? "", cut };
  }, [snippet]);
  draw(COST);
  return (
    <div className="prose max-w-none text-sm">
      <pre tabIndex={0}>
        <code className="hljs language-json" dangerouslySetInnerHTML={{ __html: html }} />
      </pre>
      {cut !== "" && <TooMuch>{cut}</TooMuch>}
    </div>
  );
}

export default JSONSnippet;
