/** The browser's part of a connection: its sockets, its cookies, its clock. Tests bring their own. */

import type { Pace } from "./Intake";

export interface Browser extends Pace {
  open(url: string, protocols: string[]): WebSocket;
  setCookie(name: string, value: string): void;
  clearCookie(name: string): void;
  hasCookie(name: string): boolean;
  /** Calls back when the page's policy forbids a connection; returns how to stop listening. */
  onRefusal(refused: (address: string) => void): () => void;
}

const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function cookie(name: string, value: string, age: number): void {
  if (!NAME.test(name)) return;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${encodeURIComponent(value)}; Path=/; SameSite=Strict; Max-Age=${age}${secure}`;
}

export const BROWSER: Browser = {
  open: (url, protocols) => new WebSocket(url, protocols),
  now: () => performance.now(),
  // A page in the background does not draw.
  soon(work) {
    const once = (): void => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      work();
    };
    const frame = requestAnimationFrame(once);
    const timer = setTimeout(once, 100);
  },
  // It need only live for the handshake.
  setCookie: (name, value) => cookie(name, value, 60),
  clearCookie: (name) => cookie(name, "", 0),
  hasCookie: (name) => document.cookie.split("; ").some((each) => each.startsWith(`${name}=`)),
  onRefusal(refused) {
    const listen = (event: SecurityPolicyViolationEvent): void => {
      if (event.effectiveDirective === "connect-src") refused(event.blockedURI);
    };
    document.addEventListener("securitypolicyviolation", listen);
    return () => document.removeEventListener("securitypolicyviolation", listen);
  },
};
