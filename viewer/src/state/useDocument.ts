/** Loads the chosen document. What was loaded once stays until the page is left, so going back is immediate. */
import { useCallback, useEffect, useState } from "react";

import type { DocumentLink } from "../config";
import { failureOf, type Failure } from "../document/failure";
import { fetchDocument } from "../document/fetchDocument";
import type { Prepared } from "../document/prepare";

export type Loading =
  | { state: "loading" }
  | { state: "ready"; prepared: Prepared }
  | { state: "failed"; failure: Failure };

const LOADING: Loading = { state: "loading" };

/** One entry per document of the configuration, so it cannot grow. */
const loaded = new Map<string, Prepared>();

export function useDocument(link: DocumentLink): { loading: Loading; retry: () => void } {
  const [result, setResult] = useState<{ url: string; loading: Loading }>({ url: link.url, loading: LOADING });
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    const known = loaded.get(link.url);
    if (known !== undefined) {
      setResult({ url: link.url, loading: { state: "ready", prepared: known } });
      return;
    }
    setResult({ url: link.url, loading: LOADING });
    const abort = new AbortController();
    const finish = (loading: Loading): void => {
      if (!abort.signal.aborted) setResult({ url: link.url, loading });
    };
    fetchDocument(link.url, abort.signal).then(
      (prepared) => {
        loaded.set(link.url, prepared);
        finish({ state: "ready", prepared });
      },
      (error: unknown) => finish({ state: "failed", failure: failureOf(error) }),
    );
    return () => abort.abort();
  }, [link.url, attempt]);
  const retry = useCallback(() => setAttempt((count) => count + 1), []);
  return { loading: result.url === link.url ? result.loading : LOADING, retry };
}
