/** Copies a text, and says whether it did. */
import { useEffect, useState, type ReactNode } from "react";

/** The clipboard's own interface exists on secure pages only. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "hidden-words";
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}

export function CopyButton({ text, label }: { text(): string; label: string }): ReactNode {
  const [said, say] = useState("");
  useEffect(() => {
    if (said === "") return;
    const timer = setTimeout(() => say(""), 2_000);
    return () => clearTimeout(timer);
  }, [said]);
  return (
    <button type="button" className="try-small" onClick={() => void copy(text()).then((done) => say(done ? "Copied" : "Not copied"))}>
      <span aria-live="polite">{said === "" ? label : said}</span>
    </button>
  );
}
