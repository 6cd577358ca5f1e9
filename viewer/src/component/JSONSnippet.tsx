/** Shows an example as highlighted JSON. The component's own sends text examples through Markdown, which alters them. */
import { hljs } from "@asyncapi/react-component/lib/esm/helpers/marked";
import { useMemo, type ReactNode } from "react";

import { plainText } from "./plainText";

export function JSONSnippet({ snippet }: { snippet?: unknown }): ReactNode {
  const html = useMemo(() => {
    const text = typeof snippet === "string" ? JSON.stringify(snippet) : plainText(snippet);
    return hljs.highlight(text, { language: "json" }).value;
  }, [snippet]);
  return (
    <div className="prose max-w-none text-sm">
      <pre tabIndex={0}>
        <code className="hljs language-json" dangerouslySetInnerHTML={{ __html: html }} />
      </pre>
    </div>
  );
}

export default JSONSnippet;
