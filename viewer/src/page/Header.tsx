/** The bar at the top: what this is, which document, light or dark, and the menu on a narrow screen. */
import type { ReactNode } from "react";

import type { DocumentLink } from "../config";
import type { Theme } from "../state/theme";
import type { TryItOut } from "../tryout/useTryItOut";
import { MenuIcon, MoonIcon, SunIcon } from "./icons";
import { Switcher } from "./Switcher";

interface Props {
  title: string;
  documents: DocumentLink[];
  chosen: string;
  onChoose(label: string): void;
  theme: Theme;
  onToggleTheme(): void;
  tryItOut: TryItOut | undefined;
  menu: { open: boolean; onToggle(): void } | undefined;
}

export function Header(props: Props): ReactNode {
  const other = props.theme === "dark" ? "light" : "dark";
  return (
    <header className="header">
      {props.menu !== undefined && (
        <button
          type="button"
          className="icon-button menu-button"
          aria-expanded={props.menu.open}
          aria-controls="navigation"
          aria-label="Contents"
          onClick={props.menu.onToggle}
        >
          <MenuIcon />
        </button>
      )}
      <h1 className="header-title">{props.title}</h1>
      {props.documents.length > 0 && (
        <Switcher documents={props.documents} chosen={props.chosen} onChoose={props.onChoose} />
      )}
      {props.tryItOut !== undefined && <TryButton {...props.tryItOut} />}
      <button
        type="button"
        className="icon-button theme-button"
        aria-label={`Switch to ${other} colours`}
        title={`Switch to ${other} colours`}
        onClick={props.onToggleTheme}
      >
        {props.theme === "dark" ? <SunIcon /> : <MoonIcon />}
      </button>
    </header>
  );
}

function TryButton({ isOpen, isLoading, setOpen }: TryItOut): ReactNode {
  return (
    <button type="button" className="button quiet" aria-expanded={isOpen} aria-busy={isLoading} onClick={() => setOpen(!isOpen)}>
      Try it out
    </button>
  );
}
