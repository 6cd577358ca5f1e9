/** Shows a description: Markdown, sanitised. Stands in for the component's own, whose rules allow more. */
import { useMemo, type ReactNode } from "react";

import { Budget, counted } from "../document/budget";
import { highlighted } from "./highlighter";
import { ALL, htmlOf } from "./markdown";
import { plainText } from "./plainText";
import { sanitize } from "./sanitize";
import { TooMuch } from "./TooMuch";

/** A channel is described at each of its operations: its words are read once. */
const known = new Map<string, string | undefined>();
const MOST = 2_000;
/** Characters of a description; this is thirty pages of a book. */
const LONGEST = 50_000;

let all = new Budget(ALL);

/** Another document has a budget of its own. */
export function forgetMarkdown(): void {
  all = new Budget(ALL);
  known.clear();
}

function highlight(code: string, language: string): string {
  return highlighted(code, language) ?? code;
}

function safeHtml(text: string): string | undefined {
  if (known.has(text)) return known.get(text);
  const html = text.length > LONGEST ? undefined : htmlOf(text, highlight, all);
  const safe = html === undefined ? undefined : sanitize(html);
  if (known.size < MOST) known.set(text, safe);
  return safe;
}

export function Markdown({ children }: { children?: unknown }): ReactNode {
  const text = typeof children === "string" ? children : undefined;
  const html = useMemo(() => (text === undefined || text === "" ? undefined : safeHtml(text)), [text]);
  if (text === undefined) return children === undefined || children === null ? null : <>{plainText(children)}</>;
  if (text === "") return null;
  if (html !== undefined) return <div className="prose max-w-none text-sm" dangerouslySetInnerHTML={{ __html: html }} />;
  return <PlainText text={text} />;
}

/** What is shown of a text without its Markdown. */
const SHOWN = 5_000;

function PlainText({ text }: { text: string }): ReactNode {
  const isCut = text.length > SHOWN;
  return (
    <div className="prose max-w-none text-sm">
      <TooMuch>
        This text is shown as it was written: its Markdown is too much to lay out.
        {isCut && ` Only its first ${counted(SHOWN)} of ${counted(text.length)} characters are shown.`}
      </TooMuch>
      <p className="as-written">{isCut ? `${text.slice(0, SHOWN)}…` : text}</p>
    </div>
  );
}

export default Markdown;
