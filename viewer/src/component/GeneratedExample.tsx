/** An example of a message that its document does not give. */
import { useMemo, type ReactNode } from "react";

import { JSONSnippet } from "./JSONSnippet";
import { boundedSample } from "./sampler";
import { TooMuch } from "./TooMuch";

export function GeneratedExample({ schema }: { schema: unknown }): ReactNode {
  const sample = useMemo(() => (typeof schema === "object" && schema !== null ? boundedSample(schema) : { value: "", isCut: false }), [schema]);
  if (sample === undefined) return <TooMuch>An example of it is too large to be made.</TooMuch>;
  return (
    <>
      <JSONSnippet snippet={sample.value ?? ""} />
      <p className="text-xs font-bold text-gray-600 italic mt-2">This example has been generated automatically.</p>
      {sample.isCut && <TooMuch>It is cut: a whole one is too large to be made.</TooMuch>}
    </>
  );
}
