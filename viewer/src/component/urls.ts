/** Which addresses of a document may become a link or an image. It decides; it fetches nothing. */

const LINKS = new Set(["http:", "https:", "mailto:", "tel:"]);

function parse(address: unknown, base: string): URL | undefined {
  if (typeof address !== "string" || address.trim() === "") return undefined;
  try {
    return new URL(address, base);
  } catch {
    return undefined;
  }
}

/** The address if following it cannot run anything here (`javascript:`, `data:`, `blob:`…), else undefined. */
export function linkAddress(address: unknown, base: string = location.href): string | undefined {
  const url = parse(address, base);
  return url !== undefined && LINKS.has(url.protocol) ? (address as string) : undefined;
}

/** The address if showing the image tells no other host that somebody reads this page. */
export function imageAddress(address: unknown, base: string = location.href): string | undefined {
  const url = parse(address, base);
  if (url === undefined) return undefined;
  const own = url.origin === new URL(base).origin && LINKS.has(url.protocol);
  const inline = url.protocol === "data:" && /^image\/(png|jpe?g|gif|webp|avif|svg\+xml)[;,]/i.test(url.pathname);
  return own || inline ? (address as string) : undefined;
}
