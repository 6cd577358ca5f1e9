/** The page's address as React state: `push` adds a step that the Back button undoes. */
import { useCallback, useEffect, useState } from "react";

export interface PageUrl {
  search: string;
  push(address: string): void;
  replace(address: string): void;
}

export function usePageUrl(): PageUrl {
  const [search, setSearch] = useState(location.search);
  useEffect(() => {
    const read = (): void => setSearch(location.search);
    addEventListener("popstate", read);
    return () => removeEventListener("popstate", read);
  }, []);
  const push = useCallback((address: string) => {
    history.pushState(null, "", address);
    setSearch(location.search);
  }, []);
  const replace = useCallback((address: string) => {
    history.replaceState(history.state, "", address);
    setSearch(location.search);
  }, []);
  return { search, push, replace };
}
