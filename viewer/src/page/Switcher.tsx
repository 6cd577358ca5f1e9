/** Chooses among several documents: the browser's own list, which every keyboard and screen reader knows. */
import { useId, type ReactNode } from "react";

import type { DocumentLink } from "../config";

interface Props {
  documents: DocumentLink[];
  chosen: string;
  onChoose(label: string): void;
}

export function Switcher({ documents, chosen, onChoose }: Props): ReactNode {
  const id = useId();
  return (
    <div className="switcher">
      <label htmlFor={id}>Document</label>
      <select id={id} value={chosen} onChange={(event) => onChoose(event.target.value)}>
        {documents.map(({ label }) => (
          <option key={label} value={label}>
            {label}
          </option>
        ))}
      </select>
    </div>
  );
}
