/** Says why there is no document to read, and what to do. */
import type { ReactNode } from "react";

import type { Failure } from "../document/failure";

export function FailureView({ failure, onRetry }: { failure: Failure; onRetry?: () => void }): ReactNode {
  const { title, explanation, where, items, command } = failure.details;
  return (
    <section className="failure" role="alert">
      <h2>{title}</h2>
      {where !== undefined && <p className="failure-where">{where}</p>}
      <p>{explanation}</p>
      {command !== undefined && (
        <pre tabIndex={0}>
          <code>{command}</code>
        </pre>
      )}
      {items !== undefined && items.length > 0 && (
        <ul>
          {items.map((item, index) => (
            <li key={index}>
              <code>{item}</code>
            </li>
          ))}
        </ul>
      )}
      {onRetry !== undefined && (
        <button type="button" className="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </section>
  );
}
