/** The page: header, navigation and the chosen document. */
import { useEffect, useState, type MouseEvent, type ReactNode } from "react";

import { TooMuch } from "../component/TooMuch";
import type { Config } from "../config";
import { shortened } from "../document/budget";
import { chosenDocument, chosenPerspective, withDocument, withPerspective, anchorIn } from "../state/pageUrl";
import { useDocument } from "../state/useDocument";
import { usePageUrl } from "../state/usePageUrl";
import { useTheme } from "../state/useTheme";
import { TryContext, useTryItOut } from "../tryout/useTryItOut";
import { CrashBoundary } from "./CrashBoundary";
import { DocumentView } from "./DocumentView";
import { FailureView } from "./FailureView";
import { Header } from "./Header";
import { Navigation } from "./Navigation";
import { ReadingGuide } from "./ReadingGuide";

export function App({ config }: { config: Config }): ReactNode {
  const { search, push, replace } = usePageUrl();
  const { theme, toggle } = useTheme();
  const [menuOpen, setMenuOpen] = useState(false);
  const link = chosenDocument(search, config.documents);
  const { loading, retry } = useDocument(link);
  const prepared = loading.state === "ready" ? loading.prepared : undefined;
  const perspective = prepared?.perspective ?? chosenPerspective(search) ?? "server";
  const tryItOut = useTryItOut(config.tryItOut, link.url, prepared, perspective);
  const several = config.documents.length > 1;
  usePageTitle(config.title, prepared?.title);

  const choose = (label: string): void => {
    push(withDocument(location.href, label));
    scrollTo(0, 0);
  };
  const stayInPage = (event: MouseEvent): void => {
    const anchor = plainClick(event) ? anchorIn(clickedLink(event), location.href) : undefined;
    if (anchor === undefined) return;
    event.preventDefault();
    location.hash = anchor;
  };

  return (
    <div className="page" onClick={stayInPage}>
      <a className="skip" href="#content">
        Skip to the documentation
      </a>
      <Header
        title={config.title}
        documents={several ? config.documents : []}
        chosen={link.label}
        onChoose={choose}
        theme={theme}
        onToggleTheme={toggle}
        tryItOut={prepared === undefined ? undefined : tryItOut}
        menu={prepared === undefined ? undefined : { open: menuOpen, onToggle: () => setMenuOpen(!menuOpen) }}
      />
      <div className="columns">
        {prepared !== undefined && (
          <Navigation
            schema={prepared.schema}
            perspective={perspective}
            open={menuOpen}
            onClose={() => setMenuOpen(false)}
          />
        )}
        <main id="content" tabIndex={-1} data-perspective={perspective}>
          {loading.state === "loading" && (
            <p className="loading" role="status">
              Loading {link.label || "the document"}…
            </p>
          )}
          {loading.state === "failed" && <FailureView failure={loading.failure} onRetry={retry} />}
          {prepared !== undefined && (
            <CrashBoundary key={link.url}>
              <ReadingGuide
                stated={prepared.perspective}
                perspective={perspective}
                onChoose={(choice) => replace(withPerspective(location.href, choice))}
              />
              {prepared.notes.length > 0 && (
                <aside className="notes" aria-label="What is not shown">
                  {prepared.notes.map((note) => (
                    <TooMuch key={note}>{note}</TooMuch>
                  ))}
                </aside>
              )}
              <TryContext value={tryItOut}>
                <DocumentView schema={prepared.shown} perspective={perspective} />
              </TryContext>
            </CrashBoundary>
          )}
        </main>
      </div>
      {tryItOut?.isOpen === true && tryItOut.module !== undefined && tryItOut.session !== undefined && (
        <CrashBoundary key={tryItOut.session.key}>
          <tryItOut.module.Dock session={tryItOut.session} onClose={() => tryItOut.setOpen(false)} />
        </CrashBoundary>
      )}
    </div>
  );
}

function usePageTitle(page: string, document_: string | undefined): void {
  useEffect(() => {
    const parts = [document_ === undefined ? undefined : shortened(document_), page].filter((part) => part !== undefined && part !== "");
    document.title = [...new Set(parts)].join(" · ");
  }, [page, document_]);
}

function plainClick(event: MouseEvent): boolean {
  return event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
}

function clickedLink(event: MouseEvent): string {
  const link = event.target instanceof Element ? event.target.closest("a[href]") : null;
  return link instanceof HTMLAnchorElement && !link.target ? link.href : "about:blank";
}
