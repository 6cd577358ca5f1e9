/**
 * Makes the HTML of a document's Markdown harmless: no script, no style, no form, no frame, no element that imitates
 * or restyles the page, no request to another host. DOMPurify does the parsing; the rules on top of it are here.
 */
import createDOMPurify, { type Config } from "dompurify";

import { imageAddress, linkAddress } from "./urls";

const RULES: Config = {
  ALLOWED_TAGS: [
    ..."a abbr b blockquote br caption code dd del details div dl dt em figcaption figure h1 h2 h3 h4 h5 h6".split(" "),
    ..."hr i img ins kbd li mark ol p pre q s samp small span strong sub summary sup table tbody td tfoot".split(" "),
    ..."th thead tr u ul var".split(" "),
  ],
  ALLOWED_ATTR: "align alt class colspan height href lang open rowspan scope src start title width".split(" "),
  ALLOW_ARIA_ATTR: false,
  ALLOW_DATA_ATTR: false,
};

/** Classes that the highlighter writes. Any other could borrow the page's own looks. */
const CLASSES = /^(hljs|language-)[\w-]*$/;

function keepSafeAttributes(element: Element): void {
  const source = element.getAttribute("src");
  if (source !== null && imageAddress(source) === undefined) replaceByText(element);
  const address = element.getAttribute("href");
  if (address !== null) restrictLink(element, address);
  const classes = [...element.classList].filter((name) => CLASSES.test(name));
  if (classes.length > 0) element.setAttribute("class", classes.join(" "));
  else element.removeAttribute("class");
}

function replaceByText(image: Element): void {
  image.replaceWith(document.createTextNode(image.getAttribute("alt") ?? ""));
}

function restrictLink(link: Element, address: string): void {
  if (linkAddress(address) === undefined) {
    link.removeAttribute("href");
  } else if (!address.startsWith("#")) {
    link.setAttribute("target", "_blank");
    link.setAttribute("rel", "nofollow noopener noreferrer");
  }
}

let purify: ReturnType<typeof createDOMPurify> | undefined;

export function sanitize(html: string): string {
  if (purify === undefined) {
    purify = createDOMPurify(window);
    purify.addHook("afterSanitizeAttributes", keepSafeAttributes);
  }
  return purify.sanitize(html, RULES);
}
